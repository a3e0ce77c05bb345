// SPDX-License-Identifier: MIT
#include "models/transformer.h"

#include <gtest/gtest.h>

#include <cmath>

#include "models/weights.h"
#include "thrown.h"

namespace regard::models {
namespace {

TransformerConfig small_config() {
  TransformerConfig config;
  config.V = config.target_V = 30;
  config.M = 24;
  config.encoder_layers = 2;
  config.decoder_layers = 3;
  config.encoder_heads = 4;
  config.decoder_heads = 3;
  config.encoder_F = 40;
  config.decoder_F = 32;
  config.max_positions = 20;
  config.pad = config.decoder_start = 29;
  return config;
}

Ids random_ids(Index count, uint64_t seed) {
  Random random(seed);
  Ids ids;
  for (Index i = 0; i < count; ++i) ids.push_back(static_cast<Id>(random.below(29)));
  return ids;
}

void expect_near(const float* a, const float* b, Index n, float tolerance) {
  for (Index i = 0; i < n; ++i) ASSERT_NEAR(a[i], b[i], tolerance) << "at " << i;
}

// Logits after each token of a target, through the whole decoder at once.
Tensor full_logits(const Transformer& model, const Ids& source, const Ids& target) {
  layers::Tape tape(layers::Tape::Mode::forget);
  layers::Pass pass{tape};
  const std::vector<Index> lengths = {static_cast<Index>(source.size())};
  const auto memory = model.encode(pass, source, lengths);
  return model.logits(pass, model.decode(pass, target, memory, lengths))->value;
}

struct Case {
  layers::NormOrder norm;
  layers::SinusoidOrder positions;
};

class EveryLayout : public ::testing::TestWithParam<Case> {
 protected:
  static TransformerConfig config() {
    TransformerConfig config = small_config();
    config.norm = GetParam().norm;
    config.positions = GetParam().positions;
    config.marian = false;
    return config;
  }
};

// Sums run over the same numbers in another order; logits are of size 1.
constexpr float order_tolerance = 2e-5f;

TEST_P(EveryLayout, StepsLikeTheWholeDecoder) {
  const Transformer model(config(), layers::Initializer(3));
  const Ids source = random_ids(7, 1), target = random_ids(9, 2);
  const Tensor expected = full_logits(model, source, target);
  const auto stepper = model.start(model.encode({source}));
  for (size_t t = 0; t < target.size(); ++t) {
    const Tensor logits = stepper->step({target[t]}, {0});
    expect_near(logits.data(), expected.data() + static_cast<Index>(t) * 30, 30, order_tolerance);
  }
}

TEST_P(EveryLayout, FollowsRowsThatAreReorderedAndMultiplied) {
  const Transformer model(config(), layers::Initializer(3));
  const std::vector<Ids> sources = {random_ids(5, 1), random_ids(8, 2)};
  const auto stepper = model.start(model.encode(sources));

  // Two sentences; the first row dies, the second becomes two, which then change places.
  stepper->step({29, 29}, {0, 1});
  stepper->step({4, 5}, {1, 1});
  stepper->step({6, 7}, {1, 0});
  const Tensor logits = stepper->step({8, 9}, {0, 1});
  expect_near(logits.data(), full_logits(model, sources[1], {29, 5, 6, 8}).data() + 3 * 30, 30,
              order_tolerance);
  expect_near(logits.data() + 30, full_logits(model, sources[1], {29, 4, 7, 9}).data() + 3 * 30, 30,
              order_tolerance);
}

TEST_P(EveryLayout, IsUntouchedByPadding) {
  const Transformer model(config(), layers::Initializer(3));
  const Ids source = random_ids(4, 1);
  const Encoded alone = model.encode({source}, true);
  const Encoded padded = model.encode({source, random_ids(11, 2)}, true);
  expect_near(padded.states.data(), alone.states.data(), 4 * 24, order_tolerance);
  for (size_t layer = 0; layer < alone.attention.size(); ++layer) {
    for (Index h = 0; h < 4; ++h) {
      for (Index l = 0; l < 4; ++l) {
        const float* row = padded.attention[layer].data() + (h * 11 + l) * 11;
        expect_near(row, alone.attention[layer].data() + (h * 4 + l) * 4, 4, order_tolerance);
        for (Index s = 4; s < 11; ++s) EXPECT_EQ(row[s], 0.0f);
      }
    }
  }
}

TEST_P(EveryLayout, ComesBackFromItsFile) {
  Transformer model(config(), layers::Initializer(3));
  const io::Bytes bytes = write_weights(model, io::Dtype::F32);
  const Transformer read = read_transformer(config(), io::Safetensors::read(bytes, "m"), "m");
  const Ids source = random_ids(6, 1), target = random_ids(5, 2);
  expect_near(full_logits(read, source, target).data(), full_logits(model, source, target).data(),
              5 * 30, order_tolerance);
}

INSTANTIATE_TEST_SUITE_P(
    Transformer, EveryLayout,
    ::testing::Values(Case{layers::NormOrder::post, layers::SinusoidOrder::halves},
                      Case{layers::NormOrder::post, layers::SinusoidOrder::interleaved},
                      Case{layers::NormOrder::pre, layers::SinusoidOrder::halves},
                      Case{layers::NormOrder::pre, layers::SinusoidOrder::interleaved}));

TEST(Transformer, KeepsTheAttentionOfAStepOnlyWhenAsked) {
  const Transformer model(small_config(), layers::Initializer(3));
  const auto stepper = model.start(model.encode({random_ids(5, 1)}));
  stepper->step({29}, {0});
  EXPECT_TRUE(stepper->attention().cross.empty());
  stepper->keep_attention(true);
  stepper->step({3}, {0});
  ASSERT_EQ(stepper->attention().cross.size(), 3u);
  EXPECT_EQ(stepper->attention().cross[0].shape(), (Shape{1, 3, 5}));
  EXPECT_EQ(stepper->attention().decoder_self[2].shape(), (Shape{1, 3, 2}));
  for (const Tensor& weights :
       {stepper->attention().cross[1], stepper->attention().decoder_self[1]}) {
    for (Index h = 0; h < 3; ++h) {
      float sum = 0;
      for (Index s = 0; s < weights.size(-1); ++s) sum += weights.data()[h * weights.size(-1) + s];
      EXPECT_NEAR(sum, 1.0f, 1e-6f);
    }
  }
}

TEST(Transformer, NamesWhatItCannotTake) {
  const Transformer model(small_config(), layers::Initializer(3));
  EXPECT_EQ(thrown<ValueError>([&] { model.encode(std::vector<Ids>{}); }),
            "encode: there are no sentences");
  EXPECT_EQ(thrown<ValueError>([&] { model.encode({Ids{}}); }), "encode: a sentence has no ids");
  EXPECT_EQ(thrown<ValueError>([&] { model.encode({Ids(21, 3)}); }),
            "transformer: 21 places, the model has positions for 20");
  EXPECT_EQ(thrown<ValueError>([&] { model.encode({Ids{30}}); }),
            "embedding: id 30 is not in the vocabulary of 30");
  const auto stepper = model.start(model.encode({Ids{3, 0}}));
  EXPECT_EQ(thrown<ValueError>([&] { stepper->step({29}, {1}); }),
            "step: a parent is 1, expected 0 to 0");
}

TEST(Weights, AreNeverDisguisedAsMarians) {
  TransformerConfig config = small_config();
  EXPECT_NO_THROW(
      write_marian_weights(Transformer(config, layers::Initializer(1)), io::Dtype::F16));
  config.norm = layers::NormOrder::pre;
  EXPECT_EQ(thrown<ValueError>([&] {
              write_marian_weights(Transformer(config, layers::Initializer(1)), io::Dtype::F16);
            }),
            "write_marian_weights: Marian's layout has no pre-norm");
  config.norm = layers::NormOrder::post;
  config.positions = layers::SinusoidOrder::interleaved;
  EXPECT_EQ(thrown<ValueError>([&] {
              write_marian_weights(Transformer(config, layers::Initializer(1)), io::Dtype::F16);
            }),
            "write_marian_weights: Marian's layout has no interleaved sinusoids");
}

TEST(Weights, SayWhatAFileLacks) {
  const TransformerConfig config = small_config();
  const Transformer model(config, layers::Initializer(1));
  const auto read = [&](const TransformerConfig& described, const io::Bytes& bytes) {
    return thrown<FormatError>(
        [&] { read_transformer(described, io::Safetensors::read(bytes, "m"), "m"); });
  };
  const io::Bytes whole = write_weights(model, io::Dtype::F32);
  TransformerConfig other = config;
  other.encoder_layers = 3;
  EXPECT_EQ(read(other, whole),
            "m: tensor \"model.encoder.layers.2.self_attn.k_proj.weight\" is missing");
  other = config;
  other.encoder_F = 44;
  EXPECT_EQ(read(other, whole),
            "m: tensor \"model.encoder.layers.0.fc1.weight\" is (40, 24), expected (44, 24)");
  other = config;
  other.M = 24000;
  EXPECT_NE(read(other, whole).find("config.json describes"), std::string::npos);
}

}  // namespace
}  // namespace regard::models
