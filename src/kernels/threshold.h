// SPDX-License-Identifier: MIT
#pragma once

#include "tensor/shape.h"

namespace regard::kernels {

/// What numbers are compared by: base + (x - shift) > bound, each step rounded.
struct Threshold {
  float base = 0;
  float shift = 0;
  float bound = 0;
};

/// The first place from `begin` on whose number is above the threshold, n if there is none. NaN is
/// not. cost O(n) in the worst case.
Index first_above(const Threshold& threshold, const float* x, Index begin, Index n) noexcept;

}  // namespace regard::kernels
