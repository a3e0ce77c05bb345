// SPDX-License-Identifier: MIT
#pragma once

#include <optional>

#include "autograd/tape.h"
#include "tensor/random.h"

namespace regard::layers {

/// Which distribution the matrices of new layers come from.
enum class InitialWeights {
  normal,  ///< normal with mean 0 and a small deviation; biases 0
  /// What torch.nn.Transformer begins with: every matrix (N, K) uniform within
  /// sqrt(6 / (N + K)) [Glorot and Bengio 2010, eq. 16]; biases as below.
  xavier,
  /// What each of torch.nn's layers begins with for itself: attention's projections as above with
  /// biases of 0; other projections, weights and biases, uniform within 1 / sqrt(K).
  torch,
};

/// What the matrices of a model's parameters are kept as. In int8 they take a quarter of the memory
/// and of the time to read, and cannot be trained.
enum class Storage { fp32, int8 };

/// Where new parameters get their numbers from.
class Initializer {
 public:
  /// Random ones, a pure function of the seed and of the order in which they are asked for.
  ///
  /// deviation  of the weights of projections. With post-norm a small one keeps each block near
  ///            the identity at first. Measured on English-Chinese, M = 256: with Glorot and
  ///            Bengio's 0.06 the encoder ended with one vector for all places (mean cosine 0.998
  ///            after 4,500 steps) and cross-attention stayed uniform; with 0.02 it does neither.
  explicit Initializer(uint64_t seed, double deviation = 0.02)
      : random_(Random(seed)), deviation_(deviation) {}
  Initializer(uint64_t seed, InitialWeights weights) : Initializer(seed) { weights_ = weights; }
  /// None at all: for parameters that are about to be read from a file.
  static Initializer undefined(Storage storage = Storage::fp32) {
    Initializer initializer;
    initializer.storage_ = storage;
    return initializer;
  }

  /// The weight of a projection, (outputs, inputs).
  autograd::Variable projection(Index outputs, Index inputs);
  /// The bias of a projection, (outputs).
  autograd::Variable bias(Index outputs, Index inputs);
  /// The weight of a projection to queries, keys or values, (outputs, inputs).
  autograd::Variable attention_projection(Index outputs, Index inputs);

  /// Normal with mean 0.
  autograd::Variable normal(const Shape& shape, double deviation);
  /// Uniform within -bound … bound.
  autograd::Variable uniform(const Shape& shape, double bound);
  autograd::Variable filled(const Shape& shape, float value);

 private:
  Initializer() = default;

  /// The same without numbers.
  autograd::Variable empty(const Shape& shape) const;

  std::optional<Random> random_;
  Storage storage_ = Storage::fp32;
  double deviation_ = 0;
  InitialWeights weights_ = InitialWeights::normal;
};

}  // namespace regard::layers
