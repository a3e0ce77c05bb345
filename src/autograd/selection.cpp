// SPDX-License-Identifier: MIT
#include "autograd/selection.h"

#include <utility>

#include "autograd/operands.h"

namespace regard::autograd {

namespace {

const Shape number;  // ()

Tensor select(const Shape& shape, const Tensor& condition, const Tensor& yes, const Tensor& no) {
  Tensor result = Tensor::empty(shape);
  kernels::select(broadcast_loop(shape, {condition.shape(), yes.shape(), no.shape()}),
                  condition.data(), yes.data(), no.data(), result.data());
  return result;
}

}  // namespace

Variable where(Tape& tape, const Tensor& condition, const Variable& x, const Variable& y) {
  Shape shape = broadcast_shape("where", "y", y->value.shape(), x->value.shape());
  shape = broadcast_shape("where", "condition", condition.shape(), shape);
  return tape.record(select(shape, condition, x->value, y->value), {x, y},
                     [condition, x, y](const Node& out) {
                       const Tensor zero = Tensor::zeros(number);
                       const Shape& shape = out.value.shape();
                       if (x->needs_gradient)
                         add_gradient(x, select(shape, condition, out.gradient, zero));
                       if (y->needs_gradient)
                         add_gradient(y, select(shape, condition, zero, out.gradient));
                     });
}

Variable masked_fill(Tape& tape, const Variable& x, const Tensor& mask, float value) {
  const Shape& shape = x->value.shape();
  if (broadcast_shape("masked_fill", "mask", mask.shape(), shape) != shape) {
    throw ShapeError("masked_fill: mask is ", mask.shape(), ", which is more than x, ", shape);
  }
  return tape.record(
      select(shape, mask, Tensor::full(number, value), x->value), {x}, [x, mask](const Node& out) {
        add_gradient(x, select(out.value.shape(), mask, Tensor::zeros(number), out.gradient));
      });
}

Variable triangle(Tape& tape, const Variable& x, Triangle part, Index diagonal) {
  const Shape& shape = x->value.shape();
  if (shape.rank() < 2) {
    throw ShapeError("triangle: x is ", shape, ", expected (..., rows, columns)");
  }
  const Tensor mask = triangle_mask(shape[shape.rank() - 2], shape.back(), part, diagonal);
  return where(tape, mask, x, constant(Tensor::zeros(number)));
}

Tensor triangle_mask(Index rows, Index columns, Triangle part, Index diagonal) {
  Tensor mask = Tensor::empty({rows, columns});
  for (Index i = 0; i < rows; ++i) {
    for (Index j = 0; j < columns; ++j) {
      const bool stays = part == Triangle::lower ? j - i <= diagonal : j - i >= diagonal;
      mask.data()[i * columns + j] = stays ? 1.0f : 0.0f;
    }
  }
  return mask;
}

}  // namespace regard::autograd
