// SPDX-License-Identifier: MIT
#include "training/average.h"

#include <algorithm>
#include <utility>

#include "kernels/elementwise.h"

namespace regard::training {

MovingAverage::MovingAverage(layers::Parameters parameters, float decay)
    : parameters_(std::move(parameters)), decay_(decay) {
  for (const auto& [name, parameter] : parameters_) averages_.push_back(parameter->value.clone());
}

void MovingAverage::update(Index steps) {
  const float bound = static_cast<float>(steps) / (static_cast<float>(steps) + 10.0f);
  const float decay = std::min(decay_, bound);
  for (size_t i = 0; i < parameters_.size(); ++i) {
    Tensor& average = averages_[i];
    kernels::scale(decay, average.data(), average.data(), average.count());
    kernels::axpy(1.0f - decay, parameters_[i].second->value.data(), average.data(),
                  average.count());
  }
}

void MovingAverage::exchange() noexcept {
  for (size_t i = 0; i < parameters_.size(); ++i) {
    auto values = parameters_[i].second->value.values();
    std::swap_ranges(values.begin(), values.end(), averages_[i].data());
  }
}

std::vector<std::pair<std::string, Tensor>> MovingAverage::state() const {
  std::vector<std::pair<std::string, Tensor>> state;
  for (size_t i = 0; i < parameters_.size(); ++i) {
    state.emplace_back("average." + parameters_[i].first, averages_[i]);
  }
  return state;
}

}  // namespace regard::training
