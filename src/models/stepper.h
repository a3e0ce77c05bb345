// SPDX-License-Identifier: MIT
#pragma once

#include <vector>

#include "tensor/tensor.h"

namespace regard::models {

/// The attention of one decoding step, one tensor for each decoder layer.
struct StepAttention {
  std::vector<Tensor> cross;         ///< (rows, H, S): where each row's query looked in its source
  std::vector<Tensor> decoder_self;  ///< (rows, H, t): the start token and the pieces before
};

/// A decoder that continues several hypotheses, its rows, by one token a step.
///
/// The states (caches, sources) live inside. A search tells for each row which row of the step
/// before it continues, so beams may be reordered, multiplied and dropped at every step.
class Stepper {
 public:
  virtual ~Stepper() = default;

  /// V, the width of a row of logits.
  virtual Index vocabulary() const = 0;
  /// How many source sentences this stepper was made for.
  virtual Index sentences() const = 0;
  /// The most tokens a row may hold, the start token included.
  virtual Index max_length() const = 0;

  /// Feeds one token to each row and returns the logits of the next, (rows, V).
  ///
  /// tokens   (rows)  the token that each row has just taken
  /// parents  (rows)  the row of the step before that each row continues; in the first step the
  ///                  sentence, 0 … sentences()-1, that it translates
  /// throws   ValueError if a token or parent is out of range or max_length() is exceeded
  virtual Tensor step(const Ids& tokens, const std::vector<Index>& parents) = 0;

  /// Whether step() keeps its attention for attention(). Off by default; costs nothing when off.
  virtual void keep_attention(bool keep) = 0;
  /// The attention of the last step; empty unless it is kept.
  virtual const StepAttention& attention() const = 0;
};

}  // namespace regard::models
