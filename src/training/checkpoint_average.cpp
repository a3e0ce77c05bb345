// SPDX-License-Identifier: MIT
#include "training/checkpoint_average.h"

#include <algorithm>
#include <utility>

#include "kernels/elementwise.h"

namespace regard::training {

CheckpointAverage::CheckpointAverage(layers::Parameters parameters,
                                     const CheckpointAverageOptions& options)
    : parameters_(std::move(parameters)), options_(options) {
  if (options_.count == 0) return;
  for (const auto& [name, parameter] : parameters_) {
    means_.push_back(Tensor::zeros(parameter->value.shape()));
  }
}

void CheckpointAverage::update(Index step) {
  const Index left = options_.steps - step;
  if (left < 0 || left % options_.every != 0 || left / options_.every >= options_.count) return;
  // A schedule that was changed on the way may have begun the mean before.
  if (left / options_.every == options_.count - 1) taken_ = 0;

  // mean_k = mean_(k-1) (k - 1) / k + w / k
  ++taken_;
  const float share = 1.0f / static_cast<float>(taken_);
  for (size_t i = 0; i < parameters_.size(); ++i) {
    Tensor& mean = means_[i];
    kernels::scale(1.0f - share, mean.data(), mean.data(), mean.count());
    kernels::axpy(share, parameters_[i].second->value.data(), mean.data(), mean.count());
  }
}

Index CheckpointAverage::due(Index step) const noexcept {
  const Index first = options_.steps - (options_.count - 1) * options_.every;
  return step < first ? 0 : std::min(options_.count, (step - first) / options_.every + 1);
}

void CheckpointAverage::exchange() noexcept {
  for (size_t i = 0; i < means_.size(); ++i) {
    auto values = parameters_[i].second->value.values();
    std::swap_ranges(values.begin(), values.end(), means_[i].data());
  }
}

std::vector<std::pair<std::string, Tensor>> CheckpointAverage::state() const {
  std::vector<std::pair<std::string, Tensor>> state;
  for (size_t i = 0; i < means_.size(); ++i) {
    state.emplace_back("mean." + parameters_[i].first, means_[i]);
  }
  return state;
}

}  // namespace regard::training
