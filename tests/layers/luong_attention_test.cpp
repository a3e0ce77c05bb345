// SPDX-License-Identifier: MIT
// Values and gradients: registry_test.cpp. Here, what the modules of recurrent translators refuse,
// and what input feeding feeds.
#include "layers/luong_attention.h"

#include <cmath>

#include "layers/additive_attention.h"
#include "layers/shared_projection_attention.h"
#include "support/numbers.h"
#include "thrown.h"

namespace regard::layers {
namespace {

using attention::Alignment;
using attention::Score;

std::string refusal(const LuongOptions& options) {
  return thrown<ValueError>([&] {
    Initializer initializer(1);
    LuongAttention(options, initializer);
  });
}

TEST(LuongAttentionTest, RefusesWhatThePaperHasNot) {
  EXPECT_EQ(refusal({}),
            "luong_attention: states are 0 wide, keys 0, the hidden layer 0, expected at least 1 "
            "each");
  EXPECT_EQ(refusal({.D = 4, .key_width = 5, .score = Score::dot}),
            "luong_attention: dot of states 4 wide and keys 5 wide, expected one width");
  EXPECT_EQ(refusal({.D = 4, .score = Score::cosine}),
            "luong_attention: score is not dot, general, concat or location");
  EXPECT_EQ(refusal({.D = 4, .score = Score::location}),
            "luong_attention: location knows 0 places, expected at least one");
  EXPECT_EQ(refusal({.D = 4, .alignment = Alignment::hard}),
            "luong_attention: alignment is not softmax, local_m or local_p");
}

TEST(LuongAttentionTest, FeedsTheAttentionalStateBehindTheEmbedding) {
  Tape tape;
  Pass pass{tape};
  const Variable embedding = autograd::constant(Tensor::full({2, 1, 3}, 1.0f));
  const Variable attentional = autograd::constant(Tensor::full({2, 1, 2}, 7.0f));
  const Tensor fed = LuongAttention::feed(pass, embedding, attentional)->value;
  ASSERT_EQ(fed.shape(), (Shape{2, 1, 5}));
  const float expected[] = {1, 1, 1, 7, 7};
  for (size_t i = 0; i < 10; ++i) EXPECT_EQ(fed.values()[i], expected[i % 5]);
}

TEST(AdditiveAttentionTest, RefusesWidthsOfNothing) {
  Initializer initializer(1);
  EXPECT_EQ(thrown<ValueError>([&] {
              AdditiveAttention({.query_width = 3, .key_width = 0, .M = 2}, initializer);
            }),
            "additive_attention: queries are 3 wide, keys 0, the hidden layer 2, expected at least "
            "1 each");
}

TEST(SharedProjectionAttentionTest, RefusesWhatDoesNotSplit) {
  Initializer initializer(1);
  EXPECT_EQ(thrown<ValueError>([&] { SharedProjectionAttention(10, 3, initializer); }),
            "shared_projection_attention: 3 heads do not divide a width of 10");
  const SharedProjectionAttention layer(6, 2, initializer);
  Tape tape;
  Pass pass{tape};
  const Variable rows = autograd::constant(Tensor::zeros({1, 4, 6}));
  EXPECT_EQ(thrown<ShapeError>([&] {
              layer.forward(pass, rows, rows, autograd::constant(Tensor::zeros({1, 4, 5})));
            }),
            "shared_projection_attention: queries are (1, 4, 5), expected (B, L, 6)");
}

// The variant's scores are smaller than those of multi-head attention by the root of the number of
// heads, here 2: so are the logarithms of the ratios of its weights.
TEST(SharedProjectionAttentionTest, IsFlatterThanMultiHeadAttention) {
  constexpr Index M = 16, H = 4, S = 6;
  Initializer initializer(1, 0.0);
  const SharedProjectionAttention variant(M, H, initializer);
  Parameters parameters;
  variant.collect("", parameters);
  for (const auto& [name, parameter] : parameters) {
    if (name.find("fc_out") != name.npos) continue;
    for (Index d = 0; d < M / H; ++d) parameter->value.data()[d * (M / H) + d] = 1;
  }
  Tape tape(Tape::Mode::forget);
  Pass pass{tape};
  const Variable x = autograd::constant(Tensor::from({1, S, M}, testing::numbers(S * M, 5)));
  const Tensor flat = variant.forward(pass, x, x, x).weights->value;
  const Tensor sharp = autograd::attention(tape, {.queries = x, .keys = x, .values = x},
                                           {.heads = H, .weights = true})
                           .weights->value;
  for (Index row = 0; row < H * S; ++row) {
    for (Index s = 1; s < S; ++s) {
      const auto ratio = [&](const Tensor& weights) {
        const float* numbers = weights.data() + row * S;
        return std::log(double{numbers[s]} / double{numbers[0]});
      };
      // scores up to about 20, each off by 1e-6 of itself at most
      EXPECT_NEAR(2 * ratio(flat), ratio(sharp), 1e-4) << row << ", " << s;
    }
  }
}

}  // namespace
}  // namespace regard::layers
