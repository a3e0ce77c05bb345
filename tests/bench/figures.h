// SPDX-License-Identifier: MIT
// What the native measurements share: numbers to compute with, and rates.
#pragma once

#include <benchmark/benchmark.h>

#include "tensor/random.h"
#include "tensor/tensor.h"

namespace regard::bench {

/// A tensor of normal numbers, the same for the same seed.
inline Tensor normal(const Shape& shape, uint64_t seed) {
  Random random(seed);
  Tensor tensor = Tensor::empty(shape);
  for (float& value : tensor.values()) value = static_cast<float>(random.normal());
  return tensor;
}

/// Shows how many operations a second that is, a multiplication and an addition being two.
inline void count_operations(benchmark::State& state, double each) {
  using benchmark::Counter;
  state.counters["FLOP/s"] = Counter(each, Counter::kIsIterationInvariantRate, Counter::kIs1000);
}

/// Shows how many bytes a second are read and written.
inline void count_bytes(benchmark::State& state, double each) {
  using benchmark::Counter;
  state.counters["bytes/s"] = Counter(each, Counter::kIsIterationInvariantRate, Counter::kIs1000);
}

}  // namespace regard::bench
