// SPDX-License-Identifier: MIT
#pragma once

#include <optional>

#include "autograd/tape.h"
#include "tensor/random.h"

namespace regard::layers {

/// Where new parameters get their numbers from.
class Initializer {
 public:
  /// Random ones, a pure function of the seed and of the order in which they are asked for.
  explicit Initializer(uint64_t seed) : random_(Random(seed)) {}
  /// None at all: for parameters that are about to be read from a file.
  static Initializer undefined() { return Initializer(); }

  /// A (rows, columns) matrix, uniform within ±sqrt(6 / (rows + columns)) [Glorot and Bengio 2010,
  /// eq. 16].
  autograd::Variable xavier_uniform(Index rows, Index columns);
  /// Normal with mean 0.
  autograd::Variable normal(const Shape& shape, double deviation);
  autograd::Variable filled(const Shape& shape, float value);

 private:
  Initializer() = default;

  std::optional<Random> random_;
};

}  // namespace regard::layers
