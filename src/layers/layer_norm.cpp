// SPDX-License-Identifier: MIT
#include "layers/layer_norm.h"

#include "autograd/normalization.h"

namespace regard::layers {

LayerNorm::LayerNorm(Index M, Initializer& initializer, const LayerNormOptions& options)
    : options_(options),
      gamma_(initializer.filled({M}, 1.0f)),
      beta_(options.bias ? initializer.filled({M}, 0.0f) : autograd::constant(Tensor::zeros({M}))) {
  if (!(options.epsilon > 0)) {
    throw ValueError("layer_norm: epsilon is ", options.epsilon, ", expected more than 0");
  }
}

Variable LayerNorm::forward(Pass& pass, const Variable& x) const {
  return autograd::layer_norm(pass.tape, x, gamma_, beta_, options_.epsilon);
}

void LayerNorm::collect(const std::string& prefix, Parameters& parameters) const {
  parameters.emplace_back(under(prefix, "weight"), gamma_);
  if (options_.bias) parameters.emplace_back(under(prefix, "bias"), beta_);
}

}  // namespace regard::layers
