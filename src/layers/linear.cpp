// SPDX-License-Identifier: MIT
#include "layers/linear.h"

#include "autograd/operations.h"
#include "kernels/matmul.h"

namespace regard::layers {

Linear::Linear(Index inputs, Index outputs, Initializer& initializer)
    : weight_(initializer.projection(outputs, inputs)),
      bias_(initializer.filled({outputs}, 0.0f)) {}

Variable Linear::forward(Pass& pass, const Variable& x) const {
  // A packed copy goes stale as soon as the weight is trained.
  return autograd::linear(pass.tape, x, weight_, bias_, pass.tape.recording() ? Tensor() : packed_);
}

void Linear::collect(const std::string& prefix, Parameters& parameters) const {
  parameters.emplace_back(prefix + ".weight", weight_);
  parameters.emplace_back(prefix + ".bias", bias_);
}

void Linear::prepack() { packed_ = pack_transposed(weight_->value); }

Tensor pack_transposed(const Tensor& weight) {
  const Index N = weight.size(0), K = weight.size(1);
  Tensor packed = Tensor::empty({kernels::packed_size(K, N)});
  kernels::pack({weight.data(), 1, K}, K, N, packed.data());
  return packed;
}

}  // namespace regard::layers
