// SPDX-License-Identifier: MIT
#include "autograd/dropout.h"

#include <utility>

#include "kernels/dropout.h"
#include "kernels/elementwise.h"

namespace regard::autograd {

namespace {

void expect_probability(const char* operation, float p) {
  if (!(p >= 0 && p < 1)) {
    throw ValueError(operation, ": p is ", p, ", expected 0 to below 1");
  }
}

}  // namespace

Variable dropout(Tape& tape, const Variable& x, float p, uint64_t seed) {
  expect_probability("dropout", p);
  Tensor y = Tensor::empty(x->value.shape());
  kernels::dropout(x->value.data(), y.data(), y.count(), p, seed);
  return tape.record(std::move(y), {x}, [x, p, seed](const Node& out) {
    kernels::dropout_backward(out.gradient.data(), x->grad().data(), out.gradient.count(), p, seed);
  });
}

Variable dropout_add(Tape& tape, const Variable& x, const Variable& residual, float p,
                     uint64_t seed) {
  expect_probability("dropout_add", p);
  expect_shape("dropout_add", "residual", residual->value.shape(), x->value.shape());
  Tensor y = Tensor::empty(x->value.shape());
  kernels::dropout_add(x->value.data(), residual->value.data(), y.data(), y.count(), p, seed);
  return tape.record(std::move(y), {x, residual}, [x, residual, p, seed](const Node& out) {
    const Index n = out.gradient.count();
    if (x->needs_gradient) {
      kernels::dropout_backward(out.gradient.data(), x->grad().data(), n, p, seed);
    }
    if (residual->needs_gradient) {
      kernels::add_in_place(out.gradient.data(), residual->grad().data(), n);
    }
  });
}

}  // namespace regard::autograd
