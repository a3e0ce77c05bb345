// SPDX-License-Identifier: MIT
// Functions of two or three numbers, element by element, over operands that are read through
// strides.
#pragma once

#include "kernels/strided.h"

namespace regard::kernels {

/// What pairs() computes of a and b.
enum class Pair {
  add,
  subtract,
  multiply,
  divide,
  maximum,  ///< NaN if a or b is
  minimum,  ///< NaN if a or b is
};

/// What a mask says of two numbers; a NaN is not equal to anything, nor less or greater.
enum class Comparison { equal, not_equal, less, less_equal, greater, greater_equal };

/// y = kind(a, b) over the loop's elements.
///
/// loop  operands a and b
void pairs(Pair kind, const Loop& loop, const float* a, const float* b, float* y) noexcept;

/// y = 1 where `a kind b` holds, else 0.
void compare(Comparison kind, const Loop& loop, const float* a, const float* b, float* y) noexcept;

/// y = a + factor b.
void add_scaled(float factor, const Loop& loop, const float* a, const float* b, float* y) noexcept;

/// y = condition != 0 ? a : b, without arithmetic on either.
///
/// loop  operands condition, a and b
void select(const Loop& loop, const float* condition, const float* a, const float* b,
            float* y) noexcept;

}  // namespace regard::kernels
