// SPDX-License-Identifier: MIT
// What operations ask of their operands, and how they hand gradients back to them.
#pragma once

#include <optional>

#include "autograd/tape.h"
#include "kernels/pairs.h"
#include "kernels/reduce.h"

namespace regard::autograd {

/// An axis as 0 … rank - 1; negative ones count from the innermost.
/// throws ValueError if the shape does not have it
Index axis_of(const char* operation, const Shape& shape, Index axis);

/// A shape seen from one of its axes, 0 … rank - 1.
kernels::AxisSizes around(const Shape& shape, Index axis) noexcept;

/// A shape with another size for one of its axes, 0 … rank - 1.
Shape with_size(const Shape& shape, Index axis, Index size);

/// throws ValueError unless every id but those `ignored` is 0 … V-1
void expect_ids(const char* operation, const Ids& ids, Index V, std::optional<Id> ignored = {});

/// The shape that x and y broadcast to.
/// throws ShapeError "operation: operand is (…), which does not broadcast with (…)"
Shape broadcast_shape(const char* operation, const char* operand, const Shape& x, const Shape& y);

/// The strides through which a contiguous tensor of one shape is read as if it had another, to
/// which it broadcasts.
kernels::Strides broadcast_strides(const Shape& shape, const Shape& target) noexcept;

/// A loop over a shape, all operands of which are contiguous tensors that broadcast to it; the
/// output, of that shape, comes last.
kernels::Loop broadcast_loop(const Shape& shape, std::initializer_list<Shape> operands) noexcept;

/// kind(x, y) of tensors that broadcast to `shape`.
Tensor pairs(kernels::Pair kind, const Shape& shape, const Tensor& x, const Tensor& y);

/// Adds factor * gradient to that of an input, if it needs one, summed over the axes along which
/// the input was repeated.
void add_gradient(const Variable& input, const Tensor& gradient, float factor = 1);

}  // namespace regard::autograd
