// SPDX-License-Identifier: MIT
#include "autograd/normalization.h"

#include <utility>

#include "autograd/arrangement.h"
#include "autograd/operands.h"
#include "kernels/elementwise.h"
#include "kernels/layer_norm.h"
#include "kernels/softmax.h"

namespace regard::autograd {

namespace {

using Forward = void (*)(const float* x, float* y, Index rows, Index n) noexcept;
using Backward = void (*)(const float* y, const float* dy, float* dx, Index rows, Index n) noexcept;

// Normalizes the rows along an axis, by a kernel for rows that lie next to each other.
Variable normalize(Tape& tape, const char* operation, const Variable& x, Index axis,
                   Forward forward, Backward backward) {
  const Shape& shape = x->value.shape();
  axis = axis_of(operation, shape, axis);
  if (axis != shape.rank() - 1) {
    const Variable last = transpose(tape, x, axis, -1);
    return transpose(tape, normalize(tape, operation, last, -1, forward, backward), axis, -1);
  }
  const Index rows = shape.rows(), n = shape.back();
  Tensor y = Tensor::empty(shape);
  forward(x->value.data(), y.data(), rows, n);
  return tape.record(std::move(y), {x}, [x, rows, n, backward](const Node& out) {
    Tensor dx = Tensor::empty(out.value.shape());
    backward(out.value.data(), out.gradient.data(), dx.data(), rows, n);
    kernels::add_in_place(dx.data(), x->grad().data(), dx.count());
  });
}

}  // namespace

Variable softmax(Tape& tape, const Variable& x, Index axis) {
  return normalize(tape, "softmax", x, axis, kernels::softmax, kernels::softmax_backward);
}

Variable log_softmax(Tape& tape, const Variable& x, Index axis) {
  return normalize(tape, "log_softmax", x, axis, kernels::log_softmax,
                   kernels::log_softmax_backward);
}

Variable layer_norm(Tape& tape, const Variable& x, const Variable& gamma, const Variable& beta,
                    float epsilon) {
  const Index rows = x->value.shape().rows(), n = x->value.shape().back();
  expect_shape("layer_norm", "gamma", gamma->value.shape(), {n});
  expect_shape("layer_norm", "beta", beta->value.shape(), {n});
  Tensor y = Tensor::empty(x->value.shape());
  Tensor mean = Tensor::empty({rows}), rstd = Tensor::empty({rows});
  kernels::layer_norm(x->value.data(), {gamma->value.data(), beta->value.data(), epsilon}, y.data(),
                      mean.data(), rstd.data(), rows, n);
  return tape.record(std::move(y), {x, gamma, beta}, [=](const Node& out) {
    // the kernel computes all three gradients at once; constants keep none
    const auto target = [](const Variable& input) {
      return input->needs_gradient ? input->grad() : Tensor::empty(input->value.shape());
    };
    Tensor dx = target(x), dgamma = target(gamma), dbeta = target(beta);
    kernels::layer_norm_backward(out.gradient.data(), x->value.data(), gamma->value.data(),
                                 mean.data(), rstd.data(), dx.data(), dgamma.data(), dbeta.data(),
                                 rows, n);
  });
}

}  // namespace regard::autograd
