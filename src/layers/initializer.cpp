// SPDX-License-Identifier: MIT
#include "layers/initializer.h"

#include <utility>

namespace regard::layers {

using autograd::Variable;

namespace {

// 1 / sqrt(inputs), or nothing where there are none.
double reach(Index inputs) {
  return inputs > 0 ? 1.0 / std::sqrt(static_cast<double>(inputs)) : 0.0;
}

}  // namespace

Variable Initializer::projection(Index outputs, Index inputs) {
  if (weights_ == InitialWeights::torch) return uniform({outputs, inputs}, reach(inputs));
  return attention_projection(outputs, inputs);
}

Variable Initializer::bias(Index outputs, Index inputs) {
  if (weights_ == InitialWeights::normal) return filled({outputs}, 0.0f);
  return uniform({outputs}, reach(inputs));
}

Variable Initializer::attention_projection(Index outputs, Index inputs) {
  if (weights_ == InitialWeights::normal) return normal({outputs, inputs}, deviation_);
  return uniform({outputs, inputs}, std::sqrt(6.0 / static_cast<double>(outputs + inputs)));
}

Variable Initializer::normal(const Shape& shape, double deviation) {
  Tensor values = Tensor::empty(shape);
  if (random_) {
    for (float& value : values.values()) value = static_cast<float>(deviation * random_->normal());
  }
  return autograd::variable(std::move(values));
}

Variable Initializer::uniform(const Shape& shape, double bound) {
  Tensor values = Tensor::empty(shape);
  if (random_) {
    for (float& value : values.values()) {
      value = static_cast<float>(bound * (2.0 * random_->uniform() - 1.0));
    }
  }
  return autograd::variable(std::move(values));
}

Variable Initializer::filled(const Shape& shape, float value) {
  return autograd::variable(Tensor::full(shape, value));
}

}  // namespace regard::layers
