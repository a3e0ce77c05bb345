// SPDX-License-Identifier: MIT
// Queries and keys turned by a matrix before they meet: what scores with parameters share.
#pragma once

#include "kernels/matmul.h"
#include "tensor/tensor.h"

namespace regard::attention {

/// A matrix (N, K) of a projection; no data = the identity, and N = K.
struct Projection {
  kernels::MatrixView weight;
  Index N;
};

/// The rows of a matrix (N, K), or the identity (N, N) if it is undefined.
Projection projection_of(const Tensor& weight, Index N);

/// x Wᵀ: x (..., K) gives (..., N).
Tensor project(const Tensor& x, const Projection& projection);

/// The gradient dy W of x (..., K), for dy (..., N).
Tensor project_backward(const Tensor& dy, const Projection& projection, const Shape& x);

/// The gradient dyᵀ x of W (N, K), for dy (..., N) and x (..., K). Rows of x whose dy is all 0 have
/// no part in it, whatever they hold.
Tensor projection_gradient(const Tensor& dy, const Tensor& x);

/// Whether no infinity or NaN is among n numbers; of numbers so large that their squares are
/// infinite it says no, which may cost a caller time.
bool all_finite(const float* x, Index n) noexcept;
bool all_zero(const float* x, Index n) noexcept;

/// C (M, N) = A (M, K) B (K, N), or C += A B, packing B on the way.
void multiply(const kernels::MatrixView& a, const kernels::MatrixView& b,
              const kernels::MatmulSizes& sizes, float* c);

/// The rows of a contiguous matrix.
inline kernels::MatrixView rows_view(const float* x, Index width) noexcept { return {x, width, 1}; }

}  // namespace regard::attention
