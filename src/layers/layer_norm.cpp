// SPDX-License-Identifier: MIT
#include "layers/layer_norm.h"

#include "autograd/operations.h"

namespace regard::layers {

LayerNorm::LayerNorm(Index M, Initializer& initializer)
    : gamma_(initializer.filled({M}, 1.0f)), beta_(initializer.filled({M}, 0.0f)) {}

Variable LayerNorm::forward(Pass& pass, const Variable& x) const {
  return autograd::layer_norm(pass.tape, x, gamma_, beta_, 1e-5f);
}

void LayerNorm::collect(const std::string& prefix, Parameters& parameters) const {
  parameters.emplace_back(prefix + ".weight", gamma_);
  parameters.emplace_back(prefix + ".bias", beta_);
}

}  // namespace regard::layers
