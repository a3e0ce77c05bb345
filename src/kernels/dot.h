// SPDX-License-Identifier: MIT
#pragma once

#include "tensor/shape.h"

namespace regard::kernels {

/// The inner product of two vectors of n numbers; 0 for n = 0.
float dot(const float* x, const float* y, Index n) noexcept;

}  // namespace regard::kernels
