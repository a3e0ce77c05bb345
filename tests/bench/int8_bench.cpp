// SPDX-License-Identifier: MIT
// Products of 8-bit weights and activations that are quantized as they come, as a translator does
// them.
#include <vector>

#include "bench/figures.h"
#include "kernels/matmul_int8.h"

namespace {

using namespace regard;
using namespace regard::bench;

// C (m, n) = A (m, k) Wᵀ; rows of A are quantized each time, W once.
void matmul_int8(benchmark::State& state) {
  const Index m = state.range(0), n = state.range(1), k = state.range(2);
  const Tensor a = normal({m, k}, 1), weights = normal({n, k}, 2);
  std::vector<int8_t> quantized(static_cast<size_t>(n * k));
  std::vector<float> scales(static_cast<size_t>(n));
  kernels::quantize_weights(weights.data(), n, k, quantized.data(), scales.data());
  Tensor packed = Tensor::empty({kernels::packed_size_int8(n, k)});
  kernels::pack_int8(quantized.data(), scales.data(), n, k, packed.data());

  Tensor memory = Tensor::empty({kernels::QuantizedRows::size(m, k)});
  Tensor c = Tensor::empty({m, n});
  for ([[maybe_unused]] auto _ : state) {
    kernels::QuantizedRows rows(memory.data(), m, k);
    rows.quantize(a.data());
    kernels::matmul_int8(rows, packed.data(), n, k, c.data(), nullptr);
    benchmark::ClobberMemory();
  }
  count_operations(state, 2.0 * static_cast<double>(m * n * k));
}

BENCHMARK(matmul_int8)
    ->ArgNames({"m", "n", "k"})
    ->Args({512, 512, 512})
    ->Args({64, 1024, 256})
    ->Args({4, 1024, 256})
    ->Args({4, 256, 1024})
    ->Args({1, 256, 256});

}  // namespace
