// SPDX-License-Identifier: MIT
// The additive score of one query and one key, projected already: a sum of hyperbolic tangents that
// is added up as they are taken.
#pragma once

#include "tensor/shape.h"

namespace regard::kernels {

/// Vectors of M numbers.
struct AdditiveOperands {
  const float* query;
  const float* key;
  const float* vector;
};

/// sum_m vector[m] tanh(query[m] + key[m]) [Bahdanau et al. 2014, appendix A.1.2].
///
/// cost    M hyperbolic tangents, each about ten products
float additive_score(const AdditiveOperands& operands, Index M) noexcept;

/// What the gradients of an additive score are added to, each M numbers. The first two get the same
/// and may be one, which then gets it once.
struct AdditiveGradients {
  float* query;
  float* key;
  float* vector;
};

/// The gradient of additive_score(), for the gradient `dscore` of its result:
///
///     t = tanh(query + key),  dvector += dscore t,  dquery, dkey += dscore vector (1 - t^2)
void additive_score_backward(float dscore, const AdditiveOperands& operands,
                             const AdditiveGradients& gradients, Index M) noexcept;

}  // namespace regard::kernels
