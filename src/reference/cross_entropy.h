// SPDX-License-Identifier: MIT
#pragma once

#include "reference/softmax.h"

namespace regard::reference {

/// - sum_j q[j] log softmax(logits)[j] of one row, for a target that is smoothed over all C classes
/// [Szegedy et al. 2016, section 7]:  q[j] = (1 - smoothing) [j = target] + smoothing / C.
/// The class `masked`, if not -1, does not exist: it is neither in the softmax nor in C.
template <class Number>
Number cross_entropy(Vector<Number> logits, Index target, double smoothing, Index masked = -1) {
  if (masked >= 0) {
    logits.erase(logits.begin() + masked);
    if (target > masked) --target;
  }
  const double classes = static_cast<double>(logits.size());
  const Vector<Number> log_probabilities = log_softmax(logits);

  Number loss = 0.0;
  for (size_t j = 0; j < logits.size(); ++j) {
    const double hit = static_cast<Index>(j) == target ? 1.0 : 0.0;
    loss -= ((1.0 - smoothing) * hit + smoothing / classes) * log_probabilities[j];
  }
  return loss;
}

}  // namespace regard::reference
