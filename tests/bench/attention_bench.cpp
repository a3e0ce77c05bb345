// SPDX-License-Identifier: MIT
// Attention of eight heads of width 64 in both forms, causal, and backward.
#include "attention/attention.h"
#include "bench/figures.h"

namespace {

using namespace regard;
using namespace regard::bench;
using attention::AttentionOptions;
using attention::Form;

constexpr Index H = 8, D = 64;

struct Operands {
  explicit Operands(Index n)
      : q(normal({1, H, n, D}, 1)), k(normal({1, H, n, D}, 2)), v(normal({1, H, n, D}, 3)) {}

  Tensor q, k, v;
};

double operations(Index n, double share = 1) {
  return 4.0 * static_cast<double>(H * n * n * D) * share;
}

void forward(benchmark::State& state, const AttentionOptions& options) {
  const Index n = state.range(0);
  const Operands x(n);
  for ([[maybe_unused]] auto _ : state) {
    benchmark::DoNotOptimize(attention::attention(x.q, x.k, x.v, options).output.data());
  }
  count_operations(state, operations(n, options.causal ? 0.5 : 1));
}

// Five products where forward has two, if its weights are not kept.
void backward(benchmark::State& state, Form form) {
  const Index n = state.range(0);
  const Operands x(n);
  const AttentionOptions options{.form = form};
  const attention::Attention result = attention::attention(x.q, x.k, x.v, options);
  attention::Attention gradients;
  gradients.output = normal(result.output.shape(), 4);
  for ([[maybe_unused]] auto _ : state) {
    benchmark::DoNotOptimize(
        attention::attention_backward(x.q, x.k, x.v, options, result, gradients).q.data());
  }
  count_operations(state, operations(n, form == Form::tiled ? 2.5 : 2));
}

BENCHMARK_CAPTURE(forward, chosen, AttentionOptions{})
    ->Arg(16)
    ->Arg(64)
    ->Arg(128)
    ->Arg(512)
    ->Arg(2048);
BENCHMARK_CAPTURE(forward, tiled, AttentionOptions{.form = Form::tiled})->Arg(64)->Arg(512);
BENCHMARK_CAPTURE(forward, readable, AttentionOptions{.form = Form::readable})->Arg(64)->Arg(512);
BENCHMARK_CAPTURE(forward, causal, AttentionOptions{.causal = true})->Arg(512)->Arg(2048);
BENCHMARK_CAPTURE(backward, tiled, Form::tiled)->Arg(512);
BENCHMARK_CAPTURE(backward, readable, Form::readable)->Arg(128)->Arg(512);

}  // namespace
