// SPDX-License-Identifier: MIT
#include "autograd/operands.h"

#include <algorithm>
#include <array>

#include "kernels/elementwise.h"

namespace regard::autograd {

using kernels::Strides;

Index axis_of(const char* operation, const Shape& shape, Index axis) {
  const Index rank = shape.rank();
  if (axis < -rank || axis >= rank) {
    throw ValueError(operation, ": ", axis, " is not one of the axes of ", shape);
  }
  return axis < 0 ? axis + rank : axis;
}

kernels::AxisSizes around(const Shape& shape, Index axis) noexcept {
  kernels::AxisSizes sizes{1, shape[axis], 1};
  for (Index i = 0; i < axis; ++i) sizes.outer *= shape[i];
  for (Index i = axis + 1; i < shape.rank(); ++i) sizes.inner *= shape[i];
  return sizes;
}

Shape with_size(const Shape& shape, Index axis, Index size) {
  std::array<Index, Shape::max_rank> sizes;
  std::copy(shape.begin(), shape.end(), sizes.begin());
  sizes[static_cast<size_t>(axis)] = size;
  return Shape(std::span(sizes).first(static_cast<size_t>(shape.rank())));
}

void expect_ids(const char* operation, const Ids& ids, Index V, std::optional<Id> ignored) {
  for (const Id id : ids) {
    if (id != ignored && (id < 0 || id >= V)) {
      throw ValueError(operation, ": id ", id, " is not in the vocabulary of ", V);
    }
  }
}

Shape broadcast_shape(const char* operation, const char* operand, const Shape& x, const Shape& y) {
  const Index rank = std::max(x.rank(), y.rank());
  std::vector<Index> sizes(static_cast<size_t>(rank));
  for (Index i = 1; i <= rank; ++i) {
    const Index a = i <= x.rank() ? x[x.rank() - i] : 1, b = i <= y.rank() ? y[y.rank() - i] : 1;
    if (a != b && a != 1 && b != 1) {
      throw ShapeError(operation, ": ", operand, " is ", x, ", which does not broadcast with ", y);
    }
    sizes[static_cast<size_t>(rank - i)] = a == 1 ? b : a;
  }
  return Shape(sizes);
}

Strides broadcast_strides(const Shape& shape, const Shape& target) noexcept {
  const Strides own = kernels::contiguous(shape);
  const Index missing = target.rank() - shape.rank();
  Strides strides{};
  for (Index axis = 0; axis < shape.rank(); ++axis) {
    if (shape[axis] == 1) continue;
    strides[static_cast<size_t>(axis + missing)] = own[static_cast<size_t>(axis)];
  }
  return strides;
}

kernels::Loop broadcast_loop(const Shape& shape, std::initializer_list<Shape> operands) noexcept {
  std::array<Strides, kernels::Loop::max_operands> strides;
  size_t count = 0;
  for (const Shape& operand : operands) strides[count++] = broadcast_strides(operand, shape);
  strides[count++] = kernels::contiguous(shape);
  return kernels::make_loop(shape, std::span(strides).first(count));
}

Tensor pairs(kernels::Pair kind, const Shape& shape, const Tensor& x, const Tensor& y) {
  Tensor result = Tensor::empty(shape);
  kernels::pairs(kind, broadcast_loop(shape, {x.shape(), y.shape()}), x.data(), y.data(),
                 result.data());
  return result;
}

void add_gradient(const Variable& input, const Tensor& gradient, float factor) {
  if (!input->needs_gradient) return;
  const Shape& shape = gradient.shape();
  Tensor sum = gradient;
  if (input->value.shape() != shape) {
    // the axes that the input has itself, and those along which it was repeated
    const Strides strides = kernels::contiguous(shape);
    const Strides own = broadcast_strides(input->value.shape(), shape);
    std::vector<Index> kept(shape.begin(), shape.end()), reduced(kept);
    for (size_t axis = 0; axis < kept.size(); ++axis) {
      const Index i = static_cast<Index>(axis) - (shape.rank() - input->value.shape().rank());
      const bool is_own = i >= 0 && input->value.shape()[i] != 1;
      (is_own ? reduced : kept)[axis] = 1;
    }
    sum = Tensor::empty(input->value.shape());
    kernels::reduce(kernels::Reduction::sum, kernels::make_loop(Shape(kept), {{strides, own}}),
                    kernels::make_loop(Shape(reduced), {{strides}}), gradient.data(), sum.data());
  }
  if (factor == 1) {
    kernels::add_in_place(sum.data(), input->grad().data(), sum.count());
  } else {
    kernels::axpy(factor, sum.data(), input->grad().data(), sum.count());
  }
}

}  // namespace regard::autograd
