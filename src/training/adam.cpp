// SPDX-License-Identifier: MIT
#include "training/adam.h"

#include <cmath>
#include <utility>

#include "kernels/elementwise.h"

namespace regard::training {

Adam::Adam(layers::Parameters parameters, const AdamOptions& options)
    : parameters_(std::move(parameters)), options_(options) {
  for (const auto& [name, parameter] : parameters_) {
    moments_.push_back(
        {Tensor::zeros(parameter->value.shape()), Tensor::zeros(parameter->value.shape())});
  }
}

double Adam::step(float rate) {
  double squares = 0;
  for (const auto& [name, parameter] : parameters_) {
    const Tensor& gradient = parameter->gradient;
    if (gradient.defined()) squares += kernels::sum_of_squares(gradient.data(), gradient.count());
  }
  const double norm = std::sqrt(squares);

  if (std::isfinite(norm)) {
    ++steps_;
    const bool clips = options_.clip_norm > 0 && norm > static_cast<double>(options_.clip_norm);
    const kernels::AdamStep update{
        .rate = rate,
        .beta1 = options_.beta1,
        .beta2 = options_.beta2,
        .epsilon = options_.epsilon,
        .weight_decay = options_.weight_decay,
        .gradient_scale =
            clips ? static_cast<float>(static_cast<double>(options_.clip_norm) / norm) : 1.0f,
        .step = steps_};
    for (size_t i = 0; i < parameters_.size(); ++i) {
      auto& parameter = *parameters_[i].second;
      if (!parameter.gradient.defined()) continue;
      kernels::adam_update(parameter.value.data(), parameter.gradient.data(), moments_[i].m.data(),
                           moments_[i].v.data(), parameter.value.count(), update);
    }
  }
  for (const auto& [name, parameter] : parameters_) parameter->gradient = Tensor();
  return norm;
}

std::vector<std::pair<std::string, Tensor>> Adam::state() const {
  std::vector<std::pair<std::string, Tensor>> state;
  for (size_t i = 0; i < parameters_.size(); ++i) {
    state.emplace_back("adam.m." + parameters_[i].first, moments_[i].m);
    state.emplace_back("adam.v." + parameters_[i].first, moments_[i].v);
  }
  return state;
}

}  // namespace regard::training
