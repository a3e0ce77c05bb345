// SPDX-License-Identifier: MIT
// Values and gradients: registry_test.cpp.
#include "layers/multi_head_extras.h"

#include <gtest/gtest.h>

#include "thrown.h"

namespace regard::layers {
namespace {

// Keys behind the others are seen by all queries: no length, window or order hides them.
TEST(MultiHeadExtrasTest, AppendedKeysAreHiddenByMasksAlone) {
  Initializer initializer(1);
  const MultiHeadOptions options{.M = 4, .H = 2};
  const MultiHeadAttention layer(options, initializer,
                                 with(options, {.zero_kv = true}, initializer));
  Tape tape;
  Pass pass{tape};
  const Variable x = autograd::constant(Tensor::full({1, 3, 4}, 1.0f));
  const auto run = [&](const attention::AttentionOptions& told) {
    return thrown<ValueError>([&] { layer.forward(pass, {x, x, x}, {.attention = told}); });
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

TEST(MultiHeadExtrasTest, RefusesShapesThatDoNotFit) {
  Initializer initializer(1);
  const MultiHeadOptions options{.M = 4, .H = 2, .key_width = 3};
  const MultiHeadAttention layer(options, initializer,
                                 with(options, {.bias_kv = true}, initializer));
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
  EXPECT_EQ(thrown<ShapeError>([&] { with_key_bias(pass, nullptr, zeros({1, 1, 5}), 2); }),
            "multi_head_attention: key_bias is (1, 1, 5), expected (B, S) or (S)");
  EXPECT_EQ(thrown<ShapeError>([&] { with_key_bias(pass, zeros({3, 2, 5}), zeros({1, 5}), 2); }),
            "multi_head_attention: bias is (3, 2, 5), expected (B 2, L, S)");
}

}  // namespace
}  // namespace regard::layers
