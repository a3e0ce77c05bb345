// SPDX-License-Identifier: MIT
// What stands between products, row by row: softmax, layer normalization, activations.
#include <vector>

#include "bench/figures.h"
#include "kernels/activation.h"
#include "kernels/layer_norm.h"
#include "kernels/softmax.h"

namespace {

using namespace regard;
using namespace regard::bench;

// Calls work(x, y) for (rows, n) numbers.
template <class Work>
void on_rows(benchmark::State& state, const Work& work) {
  const Index rows = state.range(0), n = state.range(1);
  const Tensor x = normal({rows, n}, 1);
  Tensor y = Tensor::empty({rows, n});
  for ([[maybe_unused]] auto _ : state) {
    work(x.data(), y.data(), rows, n);
    benchmark::ClobberMemory();
  }
  count_bytes(state, 8.0 * static_cast<double>(rows * n));
}

void softmax(benchmark::State& state) { on_rows(state, kernels::softmax); }

void layer_norm(benchmark::State& state) {
  const Tensor gamma = normal({state.range(1)}, 2), beta = normal({state.range(1)}, 3);
  on_rows(state, [&](const float* x, float* y, Index rows, Index n) {
    kernels::layer_norm(x, {gamma.data(), beta.data(), 1e-5f}, y, nullptr, nullptr, rows, n);
  });
}

void activate(benchmark::State& state, kernels::Activation kind) {
  on_rows(state, [&](const float* x, float* y, Index rows, Index n) {
    kernels::activate(kind, x, y, rows * n);
  });
}

BENCHMARK(softmax)->ArgNames({"rows", "n"})->Args({64, 64})->Args({512, 512})->Args({4, 8000});
BENCHMARK(layer_norm)->ArgNames({"rows", "n"})->Args({64, 256})->Args({512, 512});
BENCHMARK_CAPTURE(activate, relu, kernels::Activation::relu)->Args({64, 1024});
BENCHMARK_CAPTURE(activate, gelu, kernels::Activation::gelu)->Args({64, 1024});
BENCHMARK_CAPTURE(activate, silu, kernels::Activation::silu)->Args({64, 1024});

}  // namespace
