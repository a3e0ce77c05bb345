// SPDX-License-Identifier: MIT
#include "layers/multi_head_attention.h"

#include "support/pytorch.h"
#include "thrown.h"

namespace regard::layers {
namespace {

using testing::PytorchGolden;

void expect_pytorch(const std::string& name, bool causal = false) {
  SCOPED_TRACE(name);
  const PytorchGolden golden(name);
  std::vector<std::pair<std::string, Variable>> inputs = {{"query", golden.input("query")}};
  if (golden.has("input.memory")) inputs.emplace_back("memory", golden.input("memory"));

  Initializer initializer(1);
  const MultiHeadAttention layer({.M = golden.width(), .H = golden.heads()}, initializer);
  Parameters parameters;
  layer.collect("", parameters);
  golden.load(parameters);

  Tape tape;
  Pass pass{tape};
  Tensor weights;
  const Variable output = layer.forward(
      pass, {inputs.front().second, inputs.back().second, inputs.back().second},
      {.attention = {.key_lengths = golden.key_lengths(), .causal = causal}}, &weights);
  golden.expect_attention(weights, "attention");
  golden.expect_output(tape, output, inputs);
  golden.expect_gradients(parameters);
}

TEST(MultiHeadAttentionTest, AgreesWithPytorch) {
  expect_pytorch("attention_cross");
  expect_pytorch("attention_padding");
  expect_pytorch("attention_causal", true);
  expect_pytorch("attention_long");
}

// What inference computes from packed weights is what training computes.
TEST(MultiHeadAttentionTest, PackedWeightsChangeNothing) {
  const PytorchGolden golden("attention_cross");
  Initializer initializer(1);
  MultiHeadAttention layer({.M = golden.width(), .H = golden.heads()}, initializer);
  Parameters parameters;
  layer.collect("", parameters);
  golden.load(parameters);
  layer.prepack();

  Tape tape(Tape::Mode::forget);
  Pass pass{tape};
  const Variable memory = golden.input("memory");
  golden.expect_output(layer.forward(pass, {golden.input("query"), memory, memory}).output);
}

// Keys behind the others are seen by all queries: no length, window or order hides them.
TEST(MultiHeadAttentionTest, AppendedKeysAreHiddenByMasksAlone) {
  Initializer initializer(1);
  const MultiHeadAttention layer({.M = 4, .H = 2, .zero_kv = true}, initializer);
  Tape tape;
  Pass pass{tape};
  const Variable x = autograd::constant(Tensor::full({1, 3, 4}, 1.0f));
  const auto run = [&](const attention::AttentionOptions& options) {
    return thrown<ValueError>([&] { layer.forward(pass, {x, x, x}, {.attention = options}); });
  };
  const std::string refusal =
      "multi_head_attention: with bias_kv or zero_kv, keys are hidden by mask and key_mask, not by "
      "causal, window or key_lengths";
  EXPECT_EQ(run({.key_lengths = {2}}), refusal);
  EXPECT_EQ(run({.causal = true}), refusal);
  EXPECT_EQ(run({.window = {.left = 1}}), refusal);

  // every key but the zeros hidden: what is left is the output's bias, 0
  const Tensor none = Tensor::zeros({3, 3});
  const auto found = layer.forward(pass, {x, x, x}, {.attention = {.mask = none, .weights = true}});
  ASSERT_EQ(found.weights->value.shape(), (Shape{1, 2, 3, 4}));
  for (Index i = 0; i < 24; ++i) {
    EXPECT_EQ(found.weights->value.data()[i], i % 4 == 3 ? 1 : 0) << i;
  }
  for (const float value : found.output->value.values()) EXPECT_EQ(value, 0);
}

TEST(MultiHeadAttentionTest, RefusesShapesThatDoNotFit) {
  Initializer initializer(1);
  const MultiHeadAttention layer({.M = 4, .H = 2, .key_width = 3, .bias_kv = true}, initializer);
  Tape tape;
  Pass pass{tape};
  const auto zeros = [](const Shape& shape) { return autograd::constant(Tensor::zeros(shape)); };
  const auto run = [&](const Shape& query, const Shape& key, const MultiHeadCall& call = {}) {
    return thrown<ShapeError>(
        [&] { layer.forward(pass, {zeros(query), zeros(key), zeros({1, 5, 4})}, call); });
  };
  EXPECT_EQ(run({4}, {1, 5, 3}),
            "multi_head_attention: queries are (4), expected (B, L, 4) or (L, 4)");
  EXPECT_EQ(run({1, 2, 4}, {1, 5, 4}),
            "multi_head_attention: keys are (1, 5, 4), expected (B, S, 3) or (S, 3)");
  EXPECT_EQ(run({1, 2, 4}, {1, 5, 3}, {.attention = {.mask = Tensor::zeros({2, 1})}}),
            "multi_head_attention: mask is (2, 1), expected (..., 5)");
  EXPECT_EQ(run({1, 2, 4}, {1, 5, 3}, {.attention = {.key_mask = Tensor::zeros({})}}),
            "multi_head_attention: key_mask is (), expected (..., 5)");
  EXPECT_EQ(run({1, 2, 4}, {1, 5, 3}, {.bias = zeros({2, 4})}),
            "multi_head_attention: bias is (2, 4), expected (..., 5)");
  EXPECT_EQ(run({1, 2, 4}, {1, 5, 3}, {.key_bias = zeros({1, 1, 5})}),
            "multi_head_attention: key_bias is (1, 1, 5), expected (B, S) or (S)");
  EXPECT_EQ(run({1, 2, 4}, {1, 5, 3}, {.bias = zeros({3, 2, 5}), .key_bias = zeros({1, 5})}),
            "multi_head_attention: bias is (3, 2, 5), expected (B 2, L, S)");
}

TEST(MultiHeadAttentionTest, HeadsDivideTheWidth) {
  Initializer initializer(1);
  EXPECT_EQ(thrown<ValueError>([&] { MultiHeadAttention({.M = 10, .H = 3}, initializer); }),
            "multi_head_attention: 3 heads do not divide a width of 10");
  EXPECT_EQ(thrown<ValueError>([&] { MultiHeadAttention({.M = 10, .H = 0}, initializer); }),
            "multi_head_attention: 0 heads do not divide a width of 10");
  EXPECT_EQ(
      thrown<ValueError>([&] {
        MultiHeadAttention({.M = 10, .H = 2, .query_width = 4, .naming = Naming::torch},
                           initializer);
      }),
      "multi_head_attention: queries are 4 wide, with PyTorch's names they are as wide as the "
      "heads, 10");
}

}  // namespace
}  // namespace regard::layers
