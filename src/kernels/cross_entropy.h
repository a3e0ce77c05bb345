// SPDX-License-Identifier: MIT
// The loss of a classifier: softmax, logarithm and expectation in one, over the rows of (rows, V).
#pragma once

#include <cstdint>

#include "tensor/shape.h"

namespace regard::kernels {

struct CrossEntropyOptions {
  /// Rows with this target have no loss and no gradient.
  int32_t ignore = -1;
  /// A class whose logit is left out as if it did not exist, or -1: padding, which nobody predicts.
  int32_t masked = -1;
  /// The share of the target that is spread over all classes [Szegedy et al. 2016, section 7].
  float smoothing = 0.0f;
};

/// The loss of each row against the smoothed target q, where C classes are not masked:
///
///     log_sum = log sum_j e^logits[j],   q[j] = (1 - smoothing) [j = target] + smoothing / C
///     loss    = sum_j q[j] (log_sum - logits[j])
///
/// logits           (rows, V)
/// targets          (rows)  classes, none of them the masked one, or `ignore`
/// losses, log_sum  (rows)  0 in ignored rows; log_sum is what backward needs
void cross_entropy(const float* logits, const int32_t* targets, float* losses, float* log_sum,
                   Index rows, Index V, const CrossEntropyOptions& options = {}) noexcept;

/// dlogits[j] = scale (e^(logits[j] - log_sum) - q[j]), 0 in ignored rows and for the masked class.
///
/// dlogits  (rows, V)  overwritten; may be logits, which saves the largest buffer of training
void cross_entropy_backward(const float* logits, const int32_t* targets, const float* log_sum,
                            float scale, float* dlogits, Index rows, Index V,
                            const CrossEntropyOptions& options = {}) noexcept;

}  // namespace regard::kernels
