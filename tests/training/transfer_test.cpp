// SPDX-License-Identifier: MIT
#include "training/transfer.h"

#include "models/weights.h"
#include "text/golden_text.h"
#include "thrown.h"

namespace regard::training {
namespace {

// Two vocabularies that share some tokens, each with its own numbers.
text::MarianTokenizer tokenizer(const std::string& vocab) {
  const std::string source = text::read_golden("english_unigram.spm");
  const std::string target = text::read_golden("chinese_unigram.spm");
  return text::MarianTokenizer::read(
      {text::as_bytes(source), text::as_bytes(target), text::as_bytes(vocab), {}});
}

models::Transformer model(Index V, Index M, Index encoder_layers, uint64_t seed) {
  models::TransformerConfig config;
  config.V = config.target_V = V;
  config.M = M;
  config.encoder_layers = encoder_layers;
  config.decoder_layers = 1;
  config.encoder_heads = config.decoder_heads = 2;
  config.encoder_F = config.decoder_F = 16;
  config.max_positions = 16;
  config.pad = config.decoder_start = static_cast<Id>(V - 1);
  return models::Transformer(config, layers::Initializer(seed, 0.1));
}

std::vector<float> values(const models::Transformer& transformer, const std::string& name,
                          Index first = 0, Index count = -1) {
  for (const auto& [other, parameter] : transformer.parameters()) {
    if (other != name) continue;
    const auto all = parameter->value.values();
    return {all.begin() + first, count < 0 ? all.end() : all.begin() + first + count};
  }
  ADD_FAILURE() << "there is no " << name;
  return {};
}

class TransferTest : public ::testing::Test {
 protected:
  Transfer begin(const models::Transformer& fresh, const models::Transformer& old,
                 const TransferParts& parts = {}) const {
    const io::Bytes bytes = models::write_weights(old, io::Dtype::F32);
    return transfer(fresh, own, io::Safetensors::read(bytes, "old"), other, parts);
  }

  text::MarianTokenizer own =
      tokenizer(R"({"</s>": 0, "<unk>": 1, "a": 2, "b": 3, "c": 4, "<pad>": 5})");
  text::MarianTokenizer other =
      tokenizer(R"({"</s>": 0, "<unk>": 1, "c": 2, "x": 3, "y": 4, "a": 5, "<pad>": 6})");
  const std::string table = "model.shared.weight";
};

TEST_F(TransferTest, TakesTensorsByNameAndRowsByToken) {
  const auto fresh = model(6, 8, 1, 1), untouched = model(6, 8, 1, 1), old = model(7, 8, 1, 2);
  const Transfer done = begin(fresh, old);
  EXPECT_TRUE(done.fresh.empty());
  EXPECT_EQ(done.tensors, static_cast<Index>(fresh.parameters().size()));
  EXPECT_EQ(done.tokens, 5);

  EXPECT_EQ(values(fresh, table, 2 * 8, 8), values(old, table, 5 * 8, 8));  // "a"
  EXPECT_EQ(values(fresh, table, 4 * 8, 8), values(old, table, 2 * 8, 8));  // "c"
  EXPECT_EQ(values(fresh, table, 3 * 8, 8), values(untouched, table, 3 * 8, 8));
  const std::string weight = "model.decoder.layers.0.fc1.weight";
  EXPECT_EQ(values(fresh, weight), values(old, weight));
}

TEST_F(TransferTest, TakesThePartsThatAreAskedFor) {
  const auto fresh = model(6, 8, 1, 1), untouched = model(6, 8, 1, 1), old = model(7, 8, 1, 2);
  begin(fresh, old, {.encoder = true, .decoder = false, .embeddings = false});
  for (const auto& [name, parameter] : fresh.parameters()) {
    const bool taken = name.starts_with("model.encoder.");
    EXPECT_EQ(values(fresh, name), values(taken ? old : untouched, name)) << name;
  }
}

TEST_F(TransferTest, ListsWhatIsNotThere) {
  const auto fresh = model(6, 8, 2, 1), old = model(7, 8, 1, 2);
  const Transfer done = begin(fresh, old);
  EXPECT_EQ(done.fresh.size(), 16u);  // the tensors of the second layer
  for (const std::string& name : done.fresh) {
    EXPECT_TRUE(name.starts_with("model.encoder.layers.1.")) << name;
  }
}

TEST_F(TransferTest, RefusesAModelOfWhichNothingFits) {
  EXPECT_EQ(thrown<ValueError>([&] {
              begin(model(6, 8, 1, 1), model(7, 12, 1, 2),
                    {.encoder = false, .decoder = false, .embeddings = false});
            }),
            "transfer: nothing of the other model fits this one");
  // another width: only the bias of the logits and what is as wide as the feed-forward fit
  const Transfer done = begin(model(6, 8, 1, 1), model(7, 12, 1, 2));
  EXPECT_EQ(done.tensors, 3);
}

}  // namespace
}  // namespace regard::training
