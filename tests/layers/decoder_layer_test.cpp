// SPDX-License-Identifier: MIT
#include "layers/decoder_layer.h"

#include "layers/encoder_layer.h"
#include "support/pytorch.h"

namespace regard::layers {
namespace {

using testing::PytorchGolden;

void expect_pytorch(const std::string& name) {
  SCOPED_TRACE(name);
  const PytorchGolden golden(name);
  const Variable target = golden.input("target"), memory = golden.input("memory");
  Initializer initializer(1);
  const DecoderLayer layer(golden.block(), initializer);
  Parameters parameters;
  layer.collect("", parameters);
  golden.load(parameters, "");

  Tape tape;
  Pass pass{tape};
  DecoderLayer::Weights weights;
  const Variable output = layer.forward(pass, target, memory, golden.key_lengths(), &weights);
  golden.expect_attention(weights.self, "attention.self_attn");
  golden.expect_attention(weights.cross, "attention.multihead_attn");
  golden.expect_output(tape, output, {{"target", target}, {"memory", memory}});
  golden.expect_gradients(parameters, "");
}

TEST(DecoderLayerTest, AgreesWithPytorchWithTheNormAfter) { expect_pytorch("decoder_post"); }
TEST(DecoderLayerTest, AgreesWithPytorchWithTheNormBefore) { expect_pytorch("decoder_pre"); }

// Two encoder layers and one decoder layer in one graph. nn.Transformer ends both of its stacks
// with a norm, wherever its blocks have theirs.
void expect_pytorch_transformer(const std::string& name) {
  SCOPED_TRACE(name);
  const PytorchGolden golden(name);
  const Variable source = golden.input("source"), target = golden.input("target");
  Initializer initializer(1);
  const BlockOptions block = golden.block();
  const EncoderLayer first(block, initializer), second(block, initializer);
  const DecoderLayer decoder(block, initializer);
  const LayerNorm encoder_norm(block.M, initializer), decoder_norm(block.M, initializer);

  std::vector<std::pair<std::string, Parameters>> parts(5);
  const auto part = [&](size_t i, const std::string& prefix, const auto& layer) {
    parts[i].first = prefix;
    layer.collect("", parts[i].second);
    golden.load(parts[i].second, prefix);
  };
  part(0, "encoder.layers.0", first);
  part(1, "encoder.layers.1", second);
  part(2, "encoder.norm", encoder_norm);
  part(3, "decoder.layers.0", decoder);
  part(4, "decoder.norm", decoder_norm);

  Tape tape;
  Pass pass{tape};
  const std::vector<Index> lengths = golden.key_lengths();
  const Variable memory = encoder_norm.forward(
      pass, second.forward(pass, first.forward(pass, source, lengths), lengths));
  DecoderLayer::Weights weights;
  const Variable output =
      decoder_norm.forward(pass, decoder.forward(pass, target, memory, lengths, &weights));
  golden.expect_attention(weights.cross, "attention.decoder.layers.0.multihead_attn");
  golden.expect_output(tape, output, {{"source", source}, {"target", target}});
  for (const auto& [prefix, parameters] : parts) golden.expect_gradients(parameters, prefix);
}

TEST(DecoderLayerTest, StacksAgreeWithPytorchsTransformer) {
  expect_pytorch_transformer("transformer_post");
  expect_pytorch_transformer("transformer_pre");
}

}  // namespace
}  // namespace regard::layers
