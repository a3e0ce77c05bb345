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
  const MultiHeadAttention layer(golden.width(), golden.heads(), initializer);
  Parameters parameters;
  layer.collect("", parameters);
  golden.load(parameters, "");

  Tape tape;
  Pass pass{tape};
  Tensor weights;
  const Variable output =
      layer.forward(pass, inputs.front().second, inputs.back().second,
                    {.causal = causal, .key_lengths = golden.key_lengths()}, &weights);
  golden.expect_attention(weights, "attention");
  golden.expect_output(tape, output, inputs);
  golden.expect_gradients(parameters, "");
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
  MultiHeadAttention layer(golden.width(), golden.heads(), initializer);
  Parameters parameters;
  layer.collect("", parameters);
  golden.load(parameters, "");
  layer.prepack();

  Tape tape(Tape::Mode::forget);
  Pass pass{tape};
  const Variable output =
      layer.forward(pass, golden.input("query"), golden.input("memory"), {}, nullptr);
  golden.expect_output(output);
}

TEST(MultiHeadAttentionTest, HeadsDivideTheWidth) {
  Initializer initializer(1);
  EXPECT_EQ(thrown<ValueError>([&] { MultiHeadAttention(10, 3, initializer); }),
            "multi_head_attention: 3 heads do not divide a width of 10");
  EXPECT_EQ(thrown<ValueError>([&] { MultiHeadAttention(10, 0, initializer); }),
            "multi_head_attention: 0 heads do not divide a width of 10");
}

}  // namespace
}  // namespace regard::layers
