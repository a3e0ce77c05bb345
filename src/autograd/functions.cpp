// SPDX-License-Identifier: MIT
#include "autograd/functions.h"

#include <utility>

#include "autograd/operands.h"

namespace regard::autograd {

Variable activation(Tape& tape, const Variable& x, kernels::Activation kind) {
  Tensor y = Tensor::empty(x->value.shape());
  kernels::activate(kind, x->value.data(), y.data(), y.count());
  return tape.record(std::move(y), {x}, [x, kind](const Node& out) {
    kernels::activate_backward(kind, x->value.data(), out.gradient.data(), x->grad().data(),
                               out.gradient.count());
  });
}

Variable apply(Tape& tape, const Variable& x, kernels::Function kind) {
  Tensor y = Tensor::empty(x->value.shape());
  kernels::apply(kind, x->value.data(), y.data(), y.count());
  return tape.record(std::move(y), {x}, [x, kind](const Node& out) {
    kernels::apply_backward(kind, x->value.data(), out.value.data(), out.gradient.data(),
                            x->grad().data(), out.gradient.count());
  });
}

Variable power(Tape& tape, const Variable& x, float exponent) {
  Tensor y = Tensor::empty(x->value.shape());
  kernels::power(exponent, x->value.data(), y.data(), y.count());
  return tape.record(std::move(y), {x}, [x, exponent](const Node& out) {
    // y = x^p, so dx = p x^(p-1) dy; a constant has no slope, not even where x^-1 is infinite
    x->grad();
    if (exponent == 0) return;
    Tensor slope = Tensor::empty(x->value.shape());
    kernels::power(exponent - 1, x->value.data(), slope.data(), slope.count());
    add_gradient(x, pairs(kernels::Pair::multiply, slope.shape(), slope, out.gradient), exponent);
  });
}

}  // namespace regard::autograd
