// SPDX-License-Identifier: MIT
#pragma once

#include "layers/parameters.h"

namespace regard::training {

struct SgdOptions {
  float momentum = 0;
  float weight_decay = 0;
};

/// Stochastic gradient descent with momentum, as torch.optim.SGD without dampening.
///
///     g = gradient + weight_decay w     v = momentum v + g     w = w - rate v
class Sgd {
 public:
  Sgd(layers::Parameters parameters, const SgdOptions& options);

  /// Moves every parameter that has a gradient against it and clears the gradients.
  ///
  /// rate     the learning rate of this step
  /// returns  the norm of all gradients together; if it is not finite, nothing moves
  double step(float rate);

 private:
  layers::Parameters parameters_;
  SgdOptions options_;
  std::vector<Tensor> velocities_;  // undefined before a parameter's first gradient
};

}  // namespace regard::training
