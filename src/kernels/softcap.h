// SPDX-License-Identifier: MIT
// Keeps scores within ±cap, smoothly [Bello et al. 2016, eq. 8; Gemma Team 2024, section 2].
#pragma once

#include "tensor/shape.h"

namespace regard::kernels {

/// y[i] = cap tanh(x[i] / cap) for i < n, cap > 0; y may be x.
void softcap_row(const float* x, float cap, float* y, Index n) noexcept;

/// dx[i] = dy[i] (1 - (y[i] / cap)^2).
///
/// y       (n)  what softcap_row wrote
/// dy, dx  (n)  dx may be dy; where dy is 0, dx is, whatever y holds
void softcap_row_backward(const float* y, const float* dy, float cap, float* dx, Index n) noexcept;

}  // namespace regard::kernels
