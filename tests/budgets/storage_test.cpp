// SPDX-License-Identifier: MIT
// How many bytes calls take at once, what they give included: each budget says of what.
#include <gtest/gtest.h>

#include "budgets/work.h"
#include "layers/encoder_layer.h"
#include "models/transformer.h"

namespace regard {
namespace {

using attention::AttentionOptions;
using attention::Form;
using testing::bytes_of;
using testing::normal;
using testing::Operands;

/// The arena hands out sizes in steps of a quarter of a power of two, at least a cache line.
constexpr double classes = 1.25;

// In whole outputs, or matrices of weights, of n = 512.
TEST(StorageTest, AttentionTakesItsOutputAndALittleMore) {
  const Operands x(512, 512, 64);
  const double output = 4.0 * static_cast<double>(x.q.count());
  const double weights = 4.0 * 8 * 512 * 512;
  const auto taken = [&](const AttentionOptions& options) {
    return static_cast<double>(
        bytes_of([&] { attention::attention(x.q, x.k, x.v, options).output.data(); }));
  };
  EXPECT_LE(taken({}), 2 * classes * output);
  EXPECT_LE(taken({.causal = true}), 2 * classes * output);
  EXPECT_LE(taken({.form = Form::readable}), classes * (2 * output + weights));
}

// The gradients of the three operands, keys and values in the order of products, blocks of scores.
TEST(StorageTest, BackwardTakesThreeGradientsAndAsMuchBeside) {
  const Operands x(512, 512, 64);
  const double output = 4.0 * static_cast<double>(x.q.count());
  const AttentionOptions options{.form = Form::tiled};
  const attention::Attention forward = attention::attention(x.q, x.k, x.v, options);
  attention::Attention arrived;
  arrived.output = normal(forward.output.shape(), 5);
  const size_t bytes =
      bytes_of([&] { attention::attention_backward(x.q, x.k, x.v, options, forward, arrived); });
  EXPECT_LE(static_cast<double>(bytes), 7 * output);
}

// Without gradients: queries, keys, values, contexts, their projection, the sum, its norm, the
// hidden layer of F = 4 M, what comes of it, the sum, the result: fourteen, and a few lines.
TEST(StorageTest, AnEncoderLayerTakesFifteenActivations) {
  constexpr Index n = 64, M = 256, F = 1024;
  layers::Initializer initializer(1);
  layers::EncoderLayer layer({.M = M, .H = 4, .F = F}, initializer);
  layer.prepack();
  const autograd::Variable x = autograd::constant(normal({1, n, M}, 1));
  const size_t bytes = bytes_of([&] {
    autograd::Tape tape(autograd::Tape::Mode::forget);
    layers::Pass pass{tape};
    layer.forward(pass, x);
  });
  EXPECT_LE(static_cast<double>(bytes), 15.0 * 4 * n * M);
}

}  // namespace
}  // namespace regard
