// SPDX-License-Identifier: MIT
#pragma once

#include <span>
#include <string_view>

#include "autograd/tape.h"
#include "io/json.h"
#include "training/adam.h"
#include "training/checkpoint_average.h"
#include "training/schedule.h"
#include "training/variation.h"

namespace regard::training {

struct TrainerOptions {
  Index batch_tokens = 2048;  ///< padded tokens a batch, of the longer side
  float dropout = 0.1f;
  float label_smoothing = 0.1f;
  uint64_t seed = 1;
  Schedule schedule{};
  AdamOptions adam{};
  float average_decay = 0.999f;  ///< of the moving average of weights that is what one ships …
  CheckpointAverageOptions average_last{};  ///< … unless there is a mean of the last checkpoints
  SamplingOptions sampling{};
  NoiseOptions noise{};
  autograd::Precision precision = autograd::Precision::fp32;  ///< of products: "fp32" or "bf16"
};

/// The keys of read_trainer_options().
std::span<const std::string_view> trainer_option_keys() noexcept;

/// Options from a JSON object; what is not there keeps its default. Other keys are passed over.
/// throws FormatError `a.json: dropout is 1.5, expected 0 to 1` for a value outside of its range
TrainerOptions read_trainer_options(const io::Json& json, const std::string& name);

}  // namespace regard::training
