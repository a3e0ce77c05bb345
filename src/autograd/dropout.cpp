// SPDX-License-Identifier: MIT
#include "autograd/dropout.h"

#include <utility>

#include "kernels/dropout.h"

namespace regard::autograd {

namespace {

void expect_probability(const char* operation, float p) {
  if (!(p >= 0 && p < 1)) {
    throw ValueError(operation, ": p is ", p, ", expected 0 to below 1");
  }
}

// x's gradient += that of what is left of it.
void add_dropped(const Variable& x, const Tensor& gradient, float p, uint64_t seed) {
  const Index n = gradient.count();
  if (x->starts_gradient()) {
    kernels::dropout(gradient.data(), x->gradient.data(), n, p, seed);
  } else {
    kernels::dropout_backward(gradient.data(), x->gradient.data(), n, p, seed);
  }
}

}  // namespace

Variable dropout(Tape& tape, const Variable& x, float p, uint64_t seed) {
  expect_probability("dropout", p);
  Tensor y = Tensor::empty(x->value.shape());
  kernels::dropout(x->value.data(), y.data(), y.count(), p, seed);
  return tape.record(std::move(y), {x},
                     [x, p, seed](const Node& out) { add_dropped(x, out.gradient, p, seed); });
}

Variable dropout_add(Tape& tape, const Variable& x, const Variable& residual, float p,
                     uint64_t seed) {
  expect_probability("dropout_add", p);
  expect_shape("dropout_add", "residual", residual->value.shape(), x->value.shape());
  Tensor y = Tensor::empty(x->value.shape());
  kernels::dropout_add(x->value.data(), residual->value.data(), y.data(), y.count(), p, seed);
  return tape.record(std::move(y), {x, residual}, [x, residual, p, seed](const Node& out) {
    if (x->needs_gradient) add_dropped(x, out.gradient, p, seed);
    // the last to read it: unless somebody else does, it may be written
    if (residual->needs_gradient) {
      residual->add_gradient(out.keeps_gradient ? out.gradient.clone() : out.gradient);
    }
  });
}

}  // namespace regard::autograd
