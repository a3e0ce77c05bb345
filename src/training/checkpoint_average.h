// SPDX-License-Identifier: MIT
#pragma once

#include "layers/parameters.h"

namespace regard::training {

/// Which weights the mean is taken of: those after step `steps`, and `every` steps before, `count`
/// times in all.
struct CheckpointAverageOptions {
  Index count = 0;  ///< 0 = no mean
  Index every = 100;
  Index steps = 0;  ///< of the whole training
};

/// The mean of a training's last checkpoints [Vaswani et al. 2017, section 6.1]. It is taken as
/// they come by, so that one more copy of the weights is all that it needs.
class CheckpointAverage {
 public:
  CheckpointAverage(layers::Parameters parameters, const CheckpointAverageOptions& options);

  /// Takes in the weights after a step, if it is one of those of which the mean is taken.
  void update(Index step);

  /// Whether all checkpoints are in.
  bool complete() const noexcept { return options_.count > 0 && taken_ == options_.count; }
  Index taken() const noexcept { return taken_; }

  /// Exchanges the model's weights with the mean; a second call puts them back.
  void exchange() noexcept;

  /// The mean by names, `mean.<name>`; empty if there is none.
  std::vector<std::pair<std::string, Tensor>> state() const;
  /// Goes on after a step from another's taken(); its mean is copied into those of state(). A mean
  /// of other steps than these options ask for, as of a shorter training, is begun anew.
  void resume(Index taken, Index step) noexcept { taken_ = taken == due(step) ? taken : 0; }

 private:
  /// How many have come by up to a step.
  Index due(Index step) const noexcept;

  layers::Parameters parameters_;
  CheckpointAverageOptions options_;
  std::vector<Tensor> means_;
  Index taken_ = 0;
};

}  // namespace regard::training
