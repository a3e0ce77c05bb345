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
