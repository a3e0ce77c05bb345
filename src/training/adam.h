// SPDX-License-Identifier: MIT
#pragma once

#include "layers/parameters.h"

namespace regard::training {

struct AdamOptions {
  float beta1 = 0.9f;
  float beta2 = 0.98f;
  float epsilon = 1e-9f;
  float weight_decay = 0;  ///< above 0 it is AdamW [Loshchilov and Hutter 2019, algorithm 2]
  float clip_norm = 1;     ///< gradients are scaled down to this norm over all; 0 = never
};

/// Adam [Kingma and Ba 2015, algorithm 1] over a model's parameters.
class Adam {
 public:
  Adam(layers::Parameters parameters, const AdamOptions& options);

  /// Moves every parameter against its gradient and clears the gradients.
  ///
  /// rate     the learning rate of this step
  /// returns  the norm of all gradients together, before clipping; if it is not finite, nothing
  ///          moves and the step does not count
  double step(float rate);

  /// Steps taken.
  Index steps() const noexcept { return steps_; }
  /// The moments by the parameters' names: `adam.m.<name>` and `adam.v.<name>`.
  std::vector<std::pair<std::string, Tensor>> state() const;
  /// Goes on from another's steps(); its moments are copied into those of state().
  void resume(Index steps) noexcept { steps_ = steps; }

 private:
  struct Moments {
    Tensor m, v;
  };

  layers::Parameters parameters_;
  AdamOptions options_;
  std::vector<Moments> moments_;
  Index steps_ = 0;
};

}  // namespace regard::training
