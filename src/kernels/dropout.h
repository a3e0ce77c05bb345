// SPDX-License-Identifier: MIT
// Dropout [Srivastava et al. 2014] without a stored mask: whether element i stays is a pure
// function of the seed and i, so that backward makes the same decisions again.
#pragma once

#include <cstdint>

#include "tensor/shape.h"

namespace regard::kernels {

/// y[i] = x[i] / (1 - p) if element i stays, else 0, for i < n; each stays with probability 1 - p,
/// p rounded up to a multiple of 2^-24. Needs 0 <= p < 1. y may be x. From i = 2^32 on the
/// decisions repeat. With `first` the elements are numbers first, first + 1, … of a longer vector.
void dropout(const float* x, float* y, Index n, float p, uint64_t seed, Index first = 0) noexcept;

/// dx[i] += dy[i] / (1 - p) if element i stays.
void dropout_backward(const float* dy, float* dx, Index n, float p, uint64_t seed) noexcept;

/// y[i] = residual[i] + dropout(x)[i]; y may be x or residual.
void dropout_add(const float* x, const float* residual, float* y, Index n, float p,
                 uint64_t seed) noexcept;

}  // namespace regard::kernels
