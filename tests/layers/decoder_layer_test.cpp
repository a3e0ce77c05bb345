// SPDX-License-Identifier: MIT
#include "layers/decoder_layer.h"

#include "support/pytorch.h"

namespace regard::layers {
namespace {

using testing::PytorchGolden;

DecoderLayer::Calls calls(const std::vector<Index>& memory_lengths) {
  return {.self = {.attention = {.causal = true}},
          .cross = {.attention = {.key_lengths = memory_lengths}}};
}

void expect_pytorch(const std::string& name) {
  SCOPED_TRACE(name);
  const PytorchGolden golden(name);
  const Variable target = golden.input("target"), memory = golden.input("memory");
  Initializer initializer(1);
  const DecoderLayer layer(golden.block(), initializer);
  Parameters parameters;
  layer.collect("", parameters);
  golden.load(parameters);

  Tape tape;
  Pass pass{tape};
  DecoderLayer::Weights weights;
  const Variable output =
      layer.forward(pass, target, memory, calls(golden.key_lengths()), &weights);
  golden.expect_attention(weights.self, "attention.self_attn");
  golden.expect_attention(weights.cross, "attention.multihead_attn");
  golden.expect_output(tape, output, {{"target", target}, {"memory", memory}});
  golden.expect_gradients(parameters);
}

TEST(DecoderLayerTest, AgreesWithPytorchWithTheNormAfter) { expect_pytorch("decoder_post"); }
TEST(DecoderLayerTest, AgreesWithPytorchWithTheNormBefore) { expect_pytorch("decoder_pre"); }

}  // namespace
}  // namespace regard::layers
