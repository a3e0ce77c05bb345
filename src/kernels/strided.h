// SPDX-License-Identifier: MIT
// One loop for all that is done element by element to operands in any arrangement: broadcast,
// transposed, cut out.
#pragma once

#include <array>
#include <span>

#include "tensor/shape.h"

namespace regard::kernels {

/// Where an operand's elements lie: element (i, j, …) at i strides[0] + j strides[1] + …
using Strides = std::array<Index, Shape::max_rank>;

/// The strides of a contiguous tensor.
Strides contiguous(const Shape& shape) noexcept;

/// Nested loops over up to four operands, the last of which is written.
struct Loop {
  static constexpr int max_operands = 4;

  Index rank = 0;
  Index count = 1;
  std::array<Index, Shape::max_rank> sizes{};
  std::array<Strides, max_operands> strides{};
};

/// The loop over all places of a shape, with axes merged wherever all operands allow it.
///
/// strides  one for each operand, in the order in which they are handed over, the output last;
///          0 along an axis repeats the operand, which an output must not be
Loop make_loop(const Shape& shape, std::span<const Strides> strides) noexcept;

/// Where each operand stands at a place of the loop, 0 … count - 1 in row-major order.
std::array<Index, Loop::max_operands> offsets_at(const Loop& loop, Index place) noexcept;

/// One stretch of the innermost axis, whole batches long: operand k's element i lies at
/// in[k][i * step[k]].
struct Stretch {
  std::array<const float*, Loop::max_operands - 1> in;
  std::array<Index, Loop::max_operands - 1> step;  ///< 1, or 0: the same number all along
  float* out;
  Index n;
  float parameter;
};

/// Calls body for stretches that cover the loop, on several threads where that pays. An operand
/// with any other step reaches the body as a copy with step 1. The output may be one of the
/// operands.
void run(const Loop& loop, std::span<const float* const> in, float* out, float parameter,
         void (*body)(const Stretch&) noexcept) noexcept;

/// y = x over the loop's elements.
///
/// loop  the operand x
void copy(const Loop& loop, const float* x, float* y) noexcept;

}  // namespace regard::kernels
