// SPDX-License-Identifier: MIT
#include "training/sgd.h"

#include <cmath>
#include <utility>

#include "kernels/elementwise.h"

namespace regard::training {

Sgd::Sgd(layers::Parameters parameters, const SgdOptions& options)
    : parameters_(std::move(parameters)), options_(options), velocities_(parameters_.size()) {}

double Sgd::step(float rate) {
  double squares = 0;
  for (const auto& [name, parameter] : parameters_) {
    const Tensor& gradient = parameter->gradient;
    if (gradient.defined()) squares += kernels::sum_of_squares(gradient.data(), gradient.count());
  }
  const double norm = std::sqrt(squares);

  for (size_t i = 0; i < parameters_.size(); ++i) {
    Tensor& value = parameters_[i].second->value;
    Tensor gradient = std::exchange(parameters_[i].second->gradient, Tensor());
    if (!gradient.defined() || !std::isfinite(norm)) continue;
    if (options_.weight_decay > 0) {
      kernels::axpy(options_.weight_decay, value.data(), gradient.data(), value.count());
    }
    if (options_.momentum > 0) {
      Tensor& velocity = velocities_[i];
      if (velocity.defined()) {
        kernels::axpy(options_.momentum, velocity.data(), gradient.data(), value.count());
      }
      velocity = gradient;
    }
    kernels::axpy(-rate, gradient.data(), value.data(), value.count());
  }
  return norm;
}

}  // namespace regard::training
