// SPDX-License-Identifier: MIT
#include "layers/parameters.h"

#include <cmath>

namespace regard::layers {

Variable xavier_uniform(Index rows, Index columns, Random& random) {
  const double bound = std::sqrt(6.0 / static_cast<double>(rows + columns));
  Tensor values = Tensor::empty({rows, columns});
  for (float& value : values.values()) {
    value = static_cast<float>(bound * (2 * random.uniform() - 1));
  }
  return autograd::variable(std::move(values));
}

Variable normal(const Shape& shape, double deviation, Random& random) {
  Tensor values = Tensor::empty(shape);
  for (float& value : values.values()) value = static_cast<float>(deviation * random.normal());
  return autograd::variable(std::move(values));
}

Variable filled(const Shape& shape, float value) {
  return autograd::variable(Tensor::full(shape, value));
}

}  // namespace regard::layers
