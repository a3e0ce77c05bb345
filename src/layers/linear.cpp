// SPDX-License-Identifier: MIT
#include "layers/linear.h"

#include <utility>

#include "autograd/functions.h"
#include "autograd/product.h"
#include "kernels/elementwise.h"
#include "kernels/matmul.h"

namespace regard::layers {

namespace {

// The rows in place: nothing is copied.
Variable part(Tape& tape, const Linear::Rows& rows, Index count) {
  const auto& [all, first] = rows;
  if (!all || all->quantized || count == all->value.size(0)) return all;
  return tape.record(all->value.slice(first, first + count), {all},
                     [all, first, count](const autograd::Node& out) {
                       Tensor gradient = all->grad().slice(first, first + count);
                       kernels::add_in_place(out.gradient.data(), gradient.data(),
                                             gradient.count());
                     });
}

}  // namespace

Linear::Linear(Index inputs, Index outputs, Initializer& initializer, bool bias)
    : outputs_(outputs) {
  weight_.all = initializer.projection(outputs, inputs);
  if (bias) bias_.all = initializer.bias(outputs, inputs);
}

Linear::Linear(Rows weight, Rows bias, Index outputs)
    : weight_(std::move(weight)), bias_(std::move(bias)), outputs_(outputs) {}

Variable Linear::forward(Pass& pass, const Variable& x, kernels::Activation activation) const {
  // A packed copy goes stale as soon as the weight is trained.
  if (packed_.defined() && !pass.tape.recording()) {
    const float* bias = bias_.all ? bias_.all->value.data() + bias_.first : nullptr;
    return autograd::constant(autograd::packed_linear(x->value, packed_, weight_.all->value.size(1),
                                                      outputs_, bias, activation));
  }
  const Variable y = autograd::linear(pass.tape, x, part(pass.tape, weight_, outputs_),
                                      part(pass.tape, bias_, outputs_));
  if (activation == kernels::Activation::identity) return y;
  return autograd::activation(pass.tape, y, activation);
}

void Linear::collect(const std::string& prefix, Parameters& parameters) const {
  parameters.emplace_back(under(prefix, "weight"), weight_.all);
  if (bias_.all) parameters.emplace_back(under(prefix, "bias"), bias_.all);
}

void Linear::prepack() {
  if (weight_.all->quantized) return;  // it is packed as it is
  packed_ = pack_transposed(weight_.all->value.slice(weight_.first, weight_.first + outputs_));
}

Tensor pack_transposed(const Tensor& weight) {
  const Index N = weight.size(0), K = weight.size(1);
  Tensor packed = Tensor::empty({kernels::packed_size(K, N)});
  kernels::pack({weight.data(), 1, K}, K, N, packed.data());
  return packed;
}

}  // namespace regard::layers
