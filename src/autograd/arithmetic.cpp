// SPDX-License-Identifier: MIT
#include "autograd/arithmetic.h"

#include <utility>

#include "autograd/operands.h"
#include "kernels/elementwise.h"

namespace regard::autograd {

using kernels::Comparison;
using kernels::Pair;

namespace {

// kind(x, y), broadcast, before it is recorded.
Tensor value_of(const char* operation, Pair kind, const Variable& x, const Variable& y) {
  const Shape shape = broadcast_shape(operation, "y", y->value.shape(), x->value.shape());
  return pairs(kind, shape, x->value, y->value);
}

// maximum or minimum; `wins` is how its first operand compares with the other where it is chosen.
Variable choose(Tape& tape, const char* operation, Pair kind, Comparison wins, const Variable& x,
                const Variable& y) {
  return tape.record(value_of(operation, kind, x, y), {x, y}, [x, y, wins](const Node& out) {
    const auto add_share = [&](const Variable& one, const Variable& other) {
      if (!one->needs_gradient) return;
      Tensor share = compare(one->value, other->value, wins);
      const Tensor half = compare(one->value, other->value, Comparison::equal);
      kernels::axpy(0.5f, half.data(), share.data(), share.count());
      add_gradient(one, pairs(Pair::multiply, share.shape(), share, out.gradient));
    };
    add_share(x, y);
    add_share(y, x);
  });
}

}  // namespace

Variable add(Tape& tape, const Variable& x, const Variable& y) {
  return tape.record(value_of("add", Pair::add, x, y), {x, y}, [x, y](const Node& out) {
    add_gradient(x, out.gradient);
    add_gradient(y, out.gradient);
  });
}

Variable subtract(Tape& tape, const Variable& x, const Variable& y) {
  return tape.record(value_of("subtract", Pair::subtract, x, y), {x, y}, [x, y](const Node& out) {
    add_gradient(x, out.gradient);
    add_gradient(y, out.gradient, -1);
  });
}

Variable multiply(Tape& tape, const Variable& x, const Variable& y) {
  return tape.record(value_of("multiply", Pair::multiply, x, y), {x, y}, [x, y](const Node& out) {
    const Shape& shape = out.value.shape();
    // z = x y, so dx = dz y and dy = dz x
    if (x->needs_gradient) {
      add_gradient(x, pairs(Pair::multiply, shape, out.gradient, y->value));
    }
    if (y->needs_gradient) {
      add_gradient(y, pairs(Pair::multiply, shape, out.gradient, x->value));
    }
  });
}

Variable divide(Tape& tape, const Variable& x, const Variable& y) {
  return tape.record(value_of("divide", Pair::divide, x, y), {x, y}, [x, y](const Node& out) {
    // z = x / y, so dx = dz / y and dy = -(dz / y) z
    const Tensor quotient = pairs(Pair::divide, out.value.shape(), out.gradient, y->value);
    add_gradient(x, quotient);
    if (y->needs_gradient) {
      add_gradient(y, pairs(Pair::multiply, out.value.shape(), quotient, out.value), -1);
    }
  });
}

Variable maximum(Tape& tape, const Variable& x, const Variable& y) {
  return choose(tape, "maximum", Pair::maximum, Comparison::greater, x, y);
}

Variable minimum(Tape& tape, const Variable& x, const Variable& y) {
  return choose(tape, "minimum", Pair::minimum, Comparison::less, x, y);
}

Tensor compare(const Tensor& x, const Tensor& y, Comparison kind) {
  const Shape shape = broadcast_shape("compare", "y", y.shape(), x.shape());
  Tensor mask = Tensor::empty(shape);
  kernels::compare(kind, broadcast_loop(shape, {x.shape(), y.shape()}), x.data(), y.data(),
                   mask.data());
  return mask;
}

}  // namespace regard::autograd
