// SPDX-License-Identifier: MIT
// How many multiplications with an addition kernels do for each that the mathematics needs. They
// are counted where all of them pass, in simd::multiply_add, in the build with four lanes, whose
// tiles are those of WebAssembly: counting/kernels/simd.h. What is allowed beyond 1 is said beside
// each budget.
#include <gtest/gtest.h>

#include "budgets/work.h"
#include "kernels/matmul.h"
#include "kernels/simd.h"
#include "layers/encoder_layer.h"

namespace regard {
namespace {

using attention::AttentionOptions;
using attention::Form;
using testing::normal;
using testing::Operands;

// How many a call does. On one thread, for each counts its own.
template <class Call>
double done(const Call& call) {
  set_thread_count(1);
  const int64_t before = simd::products;
  call();
  return static_cast<double>(simd::products - before);
}

void expect_matmul(Index m, Index n, Index k, double budget) {
  const Tensor a = normal({m, k}, 1), b = normal({k, n}, 2);
  Tensor packed = Tensor::empty({kernels::packed_size(k, n)}), c = Tensor::empty({m, n});
  const double count = done([&] {
    kernels::pack({b.data(), n, 1}, k, n, packed.data());
    kernels::matmul({a.data(), k, 1}, packed.data(), {m, n, k}, c.data(), n);
  });
  const double needed = static_cast<double>(m * n * k);
  EXPECT_LE(count / needed, budget) << m << " x " << n << " x " << k;
  EXPECT_GE(count / needed, 1) << m << " x " << n << " x " << k << ": not all were counted";
}

TEST(ProductsTest, MatmulFillsUpColumnsAndNothingElse) {
  expect_matmul(512, 256, 256, 1);
  expect_matmul(64, 64, 64, 1);
  expect_matmul(5, 64, 300, 1);
  expect_matmul(1, 256, 256, 1);
  expect_matmul(33, 65, 127, 72.0 / 65);  // to a panel of eight columns
  expect_matmul(7, 9, 11, 16.0 / 9);
  expect_matmul(100, 3, 100, 4.0 / 3);  // to one register
}

void expect_attention(const Operands& x, const AttentionOptions& options, double share,
                      double budget, const char* what) {
  const double count = done([&] { attention::attention(x.q, x.k, x.v, options); });
  EXPECT_LE(count / x.products(share), budget) << what;
  EXPECT_GE(count / x.products(share), 1) << what << ": not all were counted";
}

// A tenth for what a softmax does beside exponentials, and for keys that fill a tile up.
constexpr double plain = 1.1;

TEST(ProductsTest, AttentionDoesItsProducts) {
  for (const Index n : {16, 64, 256, 512}) {
    expect_attention(Operands(n, n, 64), {}, 1, plain, "plain");
  }
  expect_attention(Operands(512, 512, 64, 2), {}, 1, plain, "grouped heads");
  expect_attention(Operands(96, 1024, 64), {}, 1, plain, "few queries");
  expect_attention(Operands(1024, 96, 64), {}, 1, plain, "few keys");
  expect_attention(Operands(512, 512, 64), {.form = Form::readable}, 1, plain, "weights kept");
}

TEST(ProductsTest, AMaskCostsNoProducts) {
  const Operands x(512, 512, 64);
  Tensor mask = Tensor::zeros({512, 512});
  for (Index i = 0; i < mask.count(); i += 3) mask.data()[i] = 1;
  expect_attention(x, {.mask = mask}, 1, plain, "mask");
  expect_attention(x, {.bias = normal({1, 8, 512, 512}, 4)}, 1, plain, "bias");
}

// A few keys beside the diagonal, and at the edges of a window, are computed for their neighbours.
TEST(ProductsTest, HiddenKeysAreLeftOut) {
  const Operands x(512, 512, 64);
  expect_attention(x, {.causal = true}, 513.0 / 1024, 1.15, "causal");
  expect_attention(x, {.key_lengths = {256}}, 0.5, plain, "half of the keys");
  const double window = 128.0 * (512 - 64) / (512 * 512);
  expect_attention(x, {.causal = true, .window = {.left = 127}}, window, 1.25, "window");
}

TEST(ProductsTest, OddWidthsAreFilledUpToARegister) {
  expect_attention(Operands(512, 512, 63), {}, 1, plain * 64 / 63, "D = 63");
  expect_attention(Operands(512, 512, 70), {}, 1, plain * 72 / 70, "D = 70");
  expect_attention(Operands(512, 512, 50), {}, 1, plain * 52 / 50 * 1.02, "D = 50");
}

// Forward has two products; backward four, and once more the scores if the weights were not kept.
TEST(ProductsTest, BackwardDoesItsProducts) {
  const Operands x(512, 512, 64);
  for (const auto& [form, products] :
       {std::pair{Form::readable, 2.0}, std::pair{Form::tiled, 2.5}}) {
    const AttentionOptions options{.form = form};
    const attention::Attention forward = attention::attention(x.q, x.k, x.v, options);
    attention::Attention arrived;
    arrived.output = normal(forward.output.shape(), 5);
    const double count =
        done([&] { attention::attention_backward(x.q, x.k, x.v, options, forward, arrived); });
    EXPECT_LE(count / x.products(), 1.06 * products);
    EXPECT_GE(count / x.products(), products) << "not all were counted";
  }
}

// Projections 4 n M², feed-forward 2 n M F, attention 2 n² M, each once; norms and biases are a
// hundredth.
TEST(ProductsTest, AnEncoderLayerDoesEachProductOnce) {
  constexpr Index n = 64, M = 256, F = 1024;
  layers::Initializer initializer(1);
  const layers::EncoderLayer layer({.M = M, .H = 4, .F = F}, initializer);
  const autograd::Variable x = autograd::constant(normal({1, n, M}, 1));
  autograd::Tape tape(autograd::Tape::Mode::forget);
  layers::Pass pass{tape};
  const double needed = 4.0 * n * M * M + 2.0 * n * M * F + 2.0 * n * n * M;
  const double count = done([&] { layer.forward(pass, x); });
  EXPECT_LE(count / needed, 1.02);
  EXPECT_GE(count / needed, 1) << "not all were counted";
}

}  // namespace
}  // namespace regard
