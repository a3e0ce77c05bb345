// SPDX-License-Identifier: MIT
// Random numbers by counter: the n-th number of a seed is a pure function of both, so that a mask
// can be made again in backward, on any number of threads, instead of being stored.
#pragma once

#include <cmath>
#include <cstdint>
#include <numbers>

namespace regard {

/// 64 well-mixed bits of a 64-bit word [Steele et al. 2014, SplitMix64's finalizer].
constexpr uint64_t mix(uint64_t word) noexcept {
  word += 0x9e3779b97f4a7c15u;
  word = (word ^ (word >> 30)) * 0xbf58476d1ce4e5b9u;
  word = (word ^ (word >> 27)) * 0x94d049bb133111ebu;
  return word ^ (word >> 31);
}

/// The seed of a stream of its own under a seed: one for each layer, step, purpose.
constexpr uint64_t derive_seed(uint64_t seed, uint64_t stream) noexcept {
  return mix(seed ^ mix(stream));
}

/// A sequence of random numbers; its whole state is the seed and a counter.
class Random {
 public:
  explicit Random(uint64_t seed = 0, uint64_t counter = 0) noexcept
      : seed_(seed), counter_(counter) {}

  uint64_t bits() noexcept { return mix(seed_ + 0x632be59bd9b4e019u * ++counter_); }
  /// Uniform in [0, 1).
  double uniform() noexcept { return static_cast<double>(bits() >> 11) * 0x1p-53; }
  /// Uniform in 0 … n-1, n > 0.
  uint64_t below(uint64_t n) noexcept {
    return static_cast<uint64_t>(uniform() * static_cast<double>(n));
  }
  /// Normal with mean 0 and variance 1 [Box and Muller 1958].
  double normal() noexcept {
    const double radius = std::sqrt(-2.0 * std::log(1.0 - uniform()));
    return radius * std::cos(2.0 * std::numbers::pi * uniform());
  }

  uint64_t seed() const noexcept { return seed_; }
  uint64_t counter() const noexcept { return counter_; }

 private:
  uint64_t seed_;
  uint64_t counter_;
};

}  // namespace regard
