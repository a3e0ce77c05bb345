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

Variable Initializer::empty(const Shape& shape) const {
  if (storage_ == Storage::int8 && shape.rank() == 2) {
    return autograd::quantized_variable(shape[0], shape[1]);
  }
  return autograd::variable(Tensor::empty(shape));
}

Variable Initializer::normal(const Shape& shape, double deviation) {
  Variable variable = empty(shape);
  if (random_) {
    for (float& value : variable->value.values()) {
      value = static_cast<float>(deviation * random_->normal());
    }
  }
  return variable;
}

Variable Initializer::uniform(const Shape& shape, double bound) {
  Variable variable = empty(shape);
  if (random_) {
    for (float& value : variable->value.values()) {
      value = static_cast<float>(bound * (2.0 * random_->uniform() - 1.0));
    }
  }
  return variable;
}

Variable Initializer::filled(const Shape& shape, float value) {
  return autograd::variable(Tensor::full(shape, value));
}

}  // namespace regard::layers
