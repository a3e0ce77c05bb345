// SPDX-License-Identifier: MIT
// Many numbers to one, along any axes.
#pragma once

#include <cstdint>

#include "kernels/strided.h"

namespace regard::kernels {

enum class Reduction {
  sum,
  maximum,  ///< NaN if there is one, -infinity of nothing
};

/// y[i] = the reduction of x over all places of a loop, begun at place i of another.
///
/// kept     operands x and y
/// reduced  the operand x
/// Sums run in double over short sums in float, in an order that depends on the loops and the batch
/// width alone.
void reduce(Reduction kind, const Loop& kept, const Loop& reduced, const float* x,
            float* y) noexcept;

/// A tensor (outer, n, inner) seen from its middle axis.
struct AxisSizes {
  Index outer;
  Index n;
  Index inner;
};

/// y[:, i] = x[:, 0] + … + x[:, i], or from the other end, x[:, i] + … + x[:, n - 1]; in double.
///
/// x, y  (outer, n, inner)  y may be x
void cumulative_sum(const float* x, const AxisSizes& sizes, bool from_the_end, float* y) noexcept;

/// Where along the middle axis the largest element is: the first of several, the first NaN if any.
///
/// x       (outer, n, inner)  n > 0
/// places  (outer, inner)
void argmax(const float* x, const AxisSizes& sizes, int32_t* places) noexcept;

}  // namespace regard::kernels
