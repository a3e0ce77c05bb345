// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "decoding/source.h"

namespace regard::decoding {

/// All layers and heads. Row i of `cross` and `decoder` is the step that predicts target piece i;
/// S and T count `</s>`.
struct TranslationAttention {
  Tensor encoder;  ///< (layers, H, S, S)
  Tensor cross;    ///< (layers, H, T, S)
  /// (layers, H, T, T), lower-triangular: key 0 is the start token, key j target piece j - 1.
  Tensor decoder;
};

/// One way to say it.
struct TranslatedSentence {
  text::Sentence target;
  float score = 0;                       ///< Σ log p / length ** length_penalty, in nats
  std::vector<float> log_probabilities;  ///< of each target piece
};

struct Translation {
  Source source;
  std::vector<TranslatedSentence> hypotheses;     ///< at least one, best first
  std::optional<TranslationAttention> attention;  ///< of the best; if asked for and not empty
  /// What the reader should know: `the source has 700 pieces; the first 511 were translated`.
  std::vector<std::string> notes;
};

}  // namespace regard::decoding
