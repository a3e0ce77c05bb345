// SPDX-License-Identifier: MIT
// Products: square ones, those of a Transformer's layers, single rows, and sizes that fill no tile.
#include "bench/figures.h"
#include "kernels/matmul.h"

namespace {

using namespace regard;
using namespace regard::bench;

// C (m, n) = A (m, k) B (k, n), with B packed before: weights are, once.
void matmul(benchmark::State& state) {
  const kernels::MatmulSizes sizes{state.range(0), state.range(1), state.range(2)};
  const Tensor a = normal({sizes.m, sizes.k}, 1), b = normal({sizes.k, sizes.n}, 2);
  Tensor packed = Tensor::empty({kernels::packed_size(sizes.k, sizes.n)});
  kernels::pack({b.data(), sizes.n, 1}, sizes.k, sizes.n, packed.data());
  Tensor c = Tensor::empty({sizes.m, sizes.n});
  for ([[maybe_unused]] auto _ : state) {
    kernels::matmul({a.data(), sizes.k, 1}, packed.data(), sizes, c.data(), sizes.n);
    benchmark::ClobberMemory();
  }
  count_operations(state, 2.0 * static_cast<double>(sizes.m * sizes.n * sizes.k));
}

// B (k, n) into panels, from rows as they lie and from the transpose that PyTorch keeps.
void pack(benchmark::State& state) {
  const Index k = state.range(0), n = state.range(1);
  const bool transposed = state.range(2) != 0;
  const Tensor b = normal({k, n}, 1);
  Tensor packed = Tensor::empty({kernels::packed_size(k, n)});
  const kernels::MatrixView view{b.data(), transposed ? 1 : n, transposed ? k : 1};
  for ([[maybe_unused]] auto _ : state) {
    kernels::pack(view, k, n, packed.data());
    benchmark::ClobberMemory();
  }
  count_bytes(state, 8.0 * static_cast<double>(k * n));
}

BENCHMARK(matmul)
    ->ArgNames({"m", "n", "k"})
    ->Args({64, 64, 64})
    ->Args({256, 256, 256})
    ->Args({512, 512, 512})
    ->Args({1024, 1024, 1024})
    ->Args({64, 768, 256})
    ->Args({256, 1024, 256})
    ->Args({256, 256, 1024})
    ->Args({8, 512, 512})
    ->Args({4, 256, 1024})
    ->Args({1, 256, 256})
    ->Args({1, 1024, 256})
    ->Args({33, 65, 127});
BENCHMARK(pack)->ArgNames({"k", "n", "transposed"})->Args({256, 1024, 0})->Args({256, 1024, 1});

}  // namespace
