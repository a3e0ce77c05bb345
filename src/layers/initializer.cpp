// SPDX-License-Identifier: MIT
#include "layers/initializer.h"

#include <utility>

namespace regard::layers {

autograd::Variable Initializer::normal(const Shape& shape, double deviation) {
  Tensor values = Tensor::empty(shape);
  if (random_) {
    for (float& value : values.values()) value = static_cast<float>(deviation * random_->normal());
  }
  return autograd::variable(std::move(values));
}

autograd::Variable Initializer::filled(const Shape& shape, float value) {
  return autograd::variable(Tensor::full(shape, value));
}

}  // namespace regard::layers
