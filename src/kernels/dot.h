// SPDX-License-Identifier: MIT
#pragma once

#include "tensor/shape.h"

namespace regard::kernels {

/// The inner product of two vectors of n numbers; 0 for n = 0.
float dot(const float* x, const float* y, Index n) noexcept;

/// out (n) = sum over i of weights[i] * rows[i], each row of n numbers.
///
/// weights  (count)  a row whose weight is 0 is not read
/// rows     (count)  pointers to rows, which may lie anywhere
void weighted_sum(const float* weights, const float* const* rows, Index count, float* out,
                  Index n) noexcept;

}  // namespace regard::kernels
