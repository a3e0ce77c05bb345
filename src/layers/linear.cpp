// SPDX-License-Identifier: MIT
#include "layers/linear.h"

#include <utility>

#include "autograd/operations.h"
#include "kernels/elementwise.h"
#include "kernels/matmul.h"

namespace regard::layers {

namespace {

// Rows of a parameter, in place: nothing is copied.
Variable rows(Tape& tape, const Variable& x, Index first, Index count) {
  if (!x || count == x->value.size(0)) return x;
  return tape.record(
      x->value.slice(first, first + count), {x}, [x, first, count](const autograd::Node& out) {
        Tensor gradient = x->grad().slice(first, first + count);
        kernels::add_in_place(out.gradient.data(), gradient.data(), gradient.count());
      });
}

}  // namespace

Linear::Linear(Index inputs, Index outputs, Initializer& initializer, bool bias)
    : weight_(initializer.projection(outputs, inputs)),
      bias_(bias ? initializer.bias(outputs, inputs) : nullptr),
      first_(0),
      outputs_(outputs) {}

Linear::Linear(Variable weight, Variable bias, Index first, Index outputs)
    : weight_(std::move(weight)), bias_(std::move(bias)), first_(first), outputs_(outputs) {}

Variable Linear::forward(Pass& pass, const Variable& x) const {
  // A packed copy goes stale as soon as the weight is trained.
  return autograd::linear(pass.tape, x, rows(pass.tape, weight_, first_, outputs_),
                          rows(pass.tape, bias_, first_, outputs_),
                          pass.tape.recording() ? Tensor() : packed_);
}

void Linear::collect(const std::string& prefix, Parameters& parameters) const {
  parameters.emplace_back(prefix + ".weight", weight_);
  if (bias_) parameters.emplace_back(prefix + ".bias", bias_);
}

void Linear::prepack() {
  packed_ = pack_transposed(weight_->value.slice(first_, first_ + outputs_));
}

Tensor pack_transposed(const Tensor& weight) {
  const Index N = weight.size(0), K = weight.size(1);
  Tensor packed = Tensor::empty({kernels::packed_size(K, N)});
  kernels::pack({weight.data(), 1, K}, K, N, packed.data());
  return packed;
}

}  // namespace regard::layers
