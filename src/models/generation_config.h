// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <vector>

#include "io/json.h"
#include "models/transformer_config.h"

namespace regard::models {

/// How a model wants to be searched; the names and meanings of Hugging Face's
/// generation_config.json.
struct GenerationConfig {
  Index beams = 1;
  float length_penalty = 1;
  std::optional<bool> early_stopping = false;  ///< nothing stands for "never"
  Index max_length = 512;                      ///< tokens, the start token included
  Id eos = 0;
  Id pad = 0;
  Id decoder_start = 0;
  std::optional<Id> forced_eos{};
  bool renormalize_logits = false;
  std::vector<Ids> bad_words{};
};

/// Reads generation_config.json; what it does not say, config.json may, as older folders have it.
///
/// generation  null if there is no such file
/// throws      FormatError for a field of the wrong type or an id outside of the vocabulary
GenerationConfig read_generation_config(const io::Json& generation, const io::Json& config,
                                        const TransformerConfig& model);

}  // namespace regard::models
