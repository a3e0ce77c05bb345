// SPDX-License-Identifier: MIT
#include "layers/stacks.h"

#include "support/pytorch.h"

namespace regard::layers {
namespace {

using testing::PytorchGolden;

// Two encoder layers and one decoder layer in one graph, by Marian's names and by PyTorch's own.
// nn.Transformer ends both of its stacks with a norm, wherever its blocks have theirs.
void expect_pytorch(const std::string& name, Naming naming) {
  SCOPED_TRACE(name);
  const PytorchGolden golden(name);
  const Variable source = golden.input("source"), target = golden.input("target");
  Initializer initializer(1);
  BlockOptions block = golden.block();
  block.naming = naming;
  const Encoder encoder({.block = block, .layers = 2, .norm = true}, initializer);
  const Decoder decoder({.block = block, .layers = 1, .norm = true}, initializer);
  Parameters parameters;
  encoder.collect("encoder", parameters);
  decoder.collect("decoder", parameters);
  golden.load(parameters);

  Tape tape;
  Pass pass{tape};
  const MultiHeadCall padded{.attention = {.key_lengths = golden.key_lengths()}};
  std::vector<DecoderLayer::Weights> weights;
  const Variable memory = encoder.forward(pass, source, padded);
  const Variable output = decoder.forward(
      pass, target, memory, {.self = {.attention = {.causal = true}}, .cross = padded}, &weights);
  golden.expect_attention(weights[0].cross, "attention.decoder.layers.0.multihead_attn");
  golden.expect_output(tape, output, {{"source", source}, {"target", target}});
  golden.expect_gradients(parameters);
}

TEST(StacksTest, AgreeWithPytorchsTransformer) {
  for (const Naming naming : {Naming::marian, Naming::torch}) {
    expect_pytorch("transformer_post", naming);
    expect_pytorch("transformer_pre", naming);
  }
}

}  // namespace
}  // namespace regard::layers
