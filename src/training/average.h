// SPDX-License-Identifier: MIT
#pragma once

#include "layers/parameters.h"

namespace regard::training {

/// The exponential moving average of a model's parameters [Polyak and Juditsky 1992, in the form
/// that Marian calls exponential smoothing]: it translates better than any single step's weights.
class MovingAverage {
 public:
  MovingAverage(layers::Parameters parameters, float decay);

  /// Takes in the weights after step `steps`. Early on the past counts less, so that the random
  /// start is soon forgotten: the decay is at most steps / (steps + 10).
  void update(Index steps);

  /// Exchanges the model's weights with the average; a second call puts them back.
  void exchange() noexcept;

  /// The average by names: `average.<name>`.
  std::vector<std::pair<std::string, Tensor>> state() const;

 private:
  layers::Parameters parameters_;
  std::vector<Tensor> averages_;
  float decay_;
};

}  // namespace regard::training
