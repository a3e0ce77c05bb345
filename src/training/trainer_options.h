// SPDX-License-Identifier: MIT
#pragma once

#include "io/json.h"
#include "training/adam.h"
#include "training/schedule.h"

namespace regard::training {

struct TrainerOptions {
  Index batch_tokens = 2048;  ///< padded tokens a batch, of the longer side
  float dropout = 0.1f;
  float label_smoothing = 0.1f;
  uint64_t seed = 1;
  Schedule schedule{};
  AdamOptions adam{};
  float average_decay = 0.999f;  ///< of the moving average of weights that is what one ships
};

/// Options from a JSON object whose keys are `batch_tokens`, `dropout`, `label_smoothing`, `seed`,
/// `peak_rate`, `warmup`, `steps`, `cooldown`, `beta1`, `beta2`, `epsilon`, `weight_decay`,
/// `clip_norm`, `average_decay`; what is not there keeps its default. throws FormatError for a
/// value outside of its range.
TrainerOptions read_trainer_options(const io::Json& json, const std::string& name);

}  // namespace regard::training
