// SPDX-License-Identifier: MIT
#include "layers/encoder_layer.h"

#include "support/pytorch.h"

namespace regard::layers {
namespace {

using testing::PytorchGolden;

void expect_pytorch(const std::string& name) {
  SCOPED_TRACE(name);
  const PytorchGolden golden(name);
  const Variable source = golden.input("source");
  Initializer initializer(1);
  const EncoderLayer layer(golden.block(), initializer);
  Parameters parameters;
  layer.collect("", parameters);
  golden.load(parameters);

  Tape tape;
  Pass pass{tape};
  Tensor weights;
  const Variable output =
      layer.forward(pass, source, {.attention = {.key_lengths = golden.key_lengths()}}, &weights);
  golden.expect_attention(weights, "attention.self_attn");
  golden.expect_output(tape, output, {{"source", source}});
  golden.expect_gradients(parameters);
}

TEST(EncoderLayerTest, AgreesWithPytorchWithTheNormAfter) { expect_pytorch("encoder_post"); }
TEST(EncoderLayerTest, AgreesWithPytorchWithTheNormBefore) { expect_pytorch("encoder_pre"); }

// Dropout draws from the pass's seed alone.
TEST(EncoderLayerTest, DropoutIsAFunctionOfTheSeed) {
  const PytorchGolden golden("encoder_post");
  Initializer initializer(1);
  const EncoderLayer layer(golden.block(), initializer);
  const auto run = [&](uint64_t seed) {
    Tape tape;
    Pass pass{tape, 0.5f, seed};
    const Tensor output = layer.forward(pass, golden.input("source"))->value;
    return std::vector<float>(output.values().begin(), output.values().end());
  };
  EXPECT_EQ(run(1), run(1));
  EXPECT_NE(run(1), run(2));
}

}  // namespace
}  // namespace regard::layers
