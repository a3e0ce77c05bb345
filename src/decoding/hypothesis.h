// SPDX-License-Identifier: MIT
#pragma once

#include <vector>

#include "tensor/tensor.h"

namespace regard::decoding {

/// A target sentence that a search has found.
struct Hypothesis {
  Ids ids;          ///< (T) without the start token; ends with eos unless max_length cut it
  float score = 0;  ///< Σ log p / length ** length_penalty, in nats; length counts eos
  /// (T) the log-probability of each id; their sum, the prefix's left out, is the score's
  /// numerator.
  std::vector<float> log_probabilities;
  /// (T) the place, 0 for the best, of the hypothesis among the beams of its sentence just before
  /// each id was chosen.
  std::vector<Index> beams;
};

/// The attention along one hypothesis. Row i is the step that predicts target piece i.
struct HypothesisAttention {
  Tensor cross;    ///< (layers, H, T, S), S as the stepper pads it
  Tensor decoder;  ///< (layers, H, T, T), lower-triangular: key 0 is the start token
};

}  // namespace regard::decoding
