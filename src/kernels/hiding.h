// SPDX-License-Identifier: MIT
// Masks and biases on their way into a row of scores.
#pragma once

#include "tensor/shape.h"

namespace regard::kernels {

/// x[i] = -infinity where the mask hides it: where mask[i] is 0 if a nonzero one `shows`, else
/// where it is not 0.
void hide_row(const float* mask, bool shows, float* x, Index n) noexcept;

/// x[i] += bias[i]; -infinity where the bias is -infinity, whatever x[i] is.
void add_bias_row(const float* bias, float* x, Index n) noexcept;

}  // namespace regard::kernels
