// SPDX-License-Identifier: MIT
// Marian models as Hugging Face computes and stores them: tests/golden/README.md, section marian.
#include "models/marian.h"

#include <algorithm>
#include <cmath>

#include "io/file.h"
#include "models/weights.h"
#include "thrown.h"

namespace regard::models {
namespace {

io::Bytes golden(const std::string& name) {
  return io::read_file(REGARD_GOLDEN_DIR "/marian/" + name);
}

io::Json golden_json(const std::string& name) { return io::Json::parse(golden(name), name); }

TransformerConfig read_config(const std::string& model) {
  return read_transformer_config(golden_json(model + "/config.json"), "config.json");
}

Transformer read_model(const std::string& model) {
  const io::Bytes bytes = golden(model + "/model.safetensors");
  return read_transformer(read_config(model), io::Safetensors::read(bytes, "model.safetensors"),
                          "model.safetensors");
}

// Both sides compute in fp32. Through five layers of sums of up to 64 terms, each off by 6e-8, the
// two part by some 1e-6 of the largest number; attention weights, at most 1, likewise.
constexpr float relative_tolerance = 1e-5f;

// Rows 0 … rows-1 of a matrix against the first rows of another, which may be larger.
void expect_rows(const float* actual, Index actual_width, const float* expected,
                 Index expected_width, Index rows, Index width, const std::string& what) {
  float largest = 1;
  for (Index i = 0; i < rows * expected_width; ++i) {
    largest = std::max(largest, std::abs(expected[i]));
  }
  for (Index r = 0; r < rows; ++r) {
    for (Index i = 0; i < width; ++i) {
      ASSERT_NEAR(actual[r * actual_width + i], expected[r * expected_width + i],
                  relative_tolerance * largest)
          << what << " at row " << r << ", column " << i;
    }
  }
}

// A layer's attention, (B, H, L, S), against its part of a file's (layers, B, H, L, S); only the
// first rows of each sentence count.
void expect_attention(const std::vector<Tensor>& layers, const Tensor& expected,
                      const std::vector<Index>& rows, const std::string& what) {
  ASSERT_EQ(static_cast<Index>(layers.size()), expected.size(0)) << what;
  for (Index layer = 0; layer < expected.size(0); ++layer) {
    const Tensor& weights = layers[static_cast<size_t>(layer)];
    const Tensor part = expected.slice(layer, layer + 1);
    ASSERT_EQ(weights.count(), part.count()) << what;
    const Index B = part.size(1), H = part.size(2), L = part.size(3), S = part.size(4);
    for (Index b = 0; b < B; ++b) {
      for (Index h = 0; h < H; ++h) {
        const Index offset = (b * H + h) * L * S;
        expect_rows(weights.data() + offset, S, part.data() + offset, S,
                    rows[static_cast<size_t>(b)], S,
                    what + " of layer " + std::to_string(layer) + ", head " + std::to_string(h));
      }
    }
  }
}

// States, logits and every attention when the decoder is given its tokens.
void expect_forced(const Transformer& model, const io::Safetensors& file,
                   const std::string& prefix) {
  SCOPED_TRACE(prefix);
  const Ids lengths = file.ids(prefix + "lengths");
  const std::vector<Index> source_lengths(lengths.begin(), lengths.end());
  const Index B = file.shape(prefix + "source")[0], S = file.shape(prefix + "source")[1];
  const Index L = file.shape(prefix + "decoder")[1], M = model.config().M;

  layers::Tape tape(layers::Tape::Mode::forget);
  layers::Pass pass{tape};
  std::vector<Tensor> encoder_attention;
  const auto states =
      model.encode(pass, file.ids(prefix + "source"), source_lengths, &encoder_attention);
  std::vector<layers::DecoderLayer::Weights> weights;
  const auto decoded =
      model.decode(pass, file.ids(prefix + "decoder"), states, source_lengths, &weights);
  const Tensor logits = model.logits(pass, decoded)->value;

  // What stands in the place of padding is nobody's business.
  const Tensor expected = file.tensor(prefix + "encoder");
  for (Index b = 0; b < B; ++b) {
    expect_rows(states->value.data() + b * S * M, M, expected.data() + b * S * M, M,
                source_lengths[static_cast<size_t>(b)], M, "states");
  }
  expect_attention(encoder_attention, file.tensor(prefix + "encoder_attention"), source_lengths,
                   "encoder attention");

  // The decoder masks no padding, so that all of its rows agree.
  const std::vector<Index> all(static_cast<size_t>(B), L);
  std::vector<Tensor> self, cross;
  for (const auto& layer : weights) {
    self.push_back(layer.self);
    cross.push_back(layer.cross);
  }
  expect_attention(self, file.tensor(prefix + "decoder_attention"), all, "decoder attention");
  expect_attention(cross, file.tensor(prefix + "cross_attention"), all, "cross attention");
  const Index V = model.config().target_V;
  expect_rows(logits.data(), V, file.tensor(prefix + "logits").data(), V, B * L, V, "logits");
}

TEST(MarianTest, ComputesWhatHuggingFaceComputes) {
  const Transformer swish = read_model("swish"), relu = read_model("relu");
  const io::Bytes swish_bytes = golden("swish_forced.safetensors");
  const io::Bytes relu_bytes = golden("relu_forced.safetensors");
  const auto swish_file = io::Safetensors::read(swish_bytes, "swish_forced");
  for (const char* prefix : {"0.", "1.", "2.", "3.", "4.", "batch."}) {
    expect_forced(swish, swish_file, prefix);
  }
  expect_forced(relu, io::Safetensors::read(relu_bytes, "relu_forced"), "0.");
}

TEST(MarianTest, WritesTheBytesThatHuggingFaceWrote) {
  EXPECT_EQ(write_marian_weights(read_model("swish"), io::Dtype::F32),
            golden("swish/model.safetensors"));
  EXPECT_EQ(write_marian_weights(read_model("relu"), io::Dtype::F16),
            golden("relu/model.safetensors"));
}

TEST(MarianTest, ReadsTheConfigurationsOfHuggingFace) {
  const TransformerConfig config = read_config("swish");
  EXPECT_TRUE(config.marian);
  EXPECT_EQ(config.V, 160);
  EXPECT_EQ(config.M, 32);
  EXPECT_EQ(config.encoder_layers, 2);
  EXPECT_EQ(config.decoder_layers, 3);
  EXPECT_EQ(config.encoder_heads, 4);
  EXPECT_EQ(config.decoder_F, 64);
  EXPECT_EQ(config.max_positions, 64);
  EXPECT_EQ(config.activation, kernels::Activation::silu);
  EXPECT_EQ(read_config("relu").activation, kernels::Activation::relu);
  EXPECT_TRUE(config.scale_embedding);
  EXPECT_TRUE(config.share_embeddings);
  EXPECT_EQ(config.pad, 159);

  const io::Json json = golden_json("swish/config.json");
  const GenerationConfig generation =
      read_generation_config(golden_json("swish/generation_config.json"), json, config);
  EXPECT_EQ(generation.beams, 4);
  EXPECT_EQ(generation.max_length, 40);
  EXPECT_EQ(generation.eos, 0);
  EXPECT_EQ(generation.decoder_start, 159);
  EXPECT_EQ(generation.forced_eos, 0);
  EXPECT_EQ(generation.bad_words, (std::vector<Ids>{{159}}));
  EXPECT_FALSE(generation.renormalize_logits);
  EXPECT_TRUE(read_generation_config(golden_json("relu/generation_config.json"), json, config)
                  .renormalize_logits);
  EXPECT_EQ(read_generation_config(io::Json(), json, config).forced_eos, 0)
      << "older folders have it in config.json";
}

// A configuration with one member replaced, as an error reports it.
std::string complaint(const std::string& key, const io::Json& value) {
  io::Json::Object members = golden_json("swish/config.json").members("");
  std::erase_if(members, [&](const io::Json::Member& member) { return member.first == key; });
  members.emplace_back(key, value);
  return thrown<FormatError>([&] { read_transformer_config(members, "config.json"); });
}

TEST(MarianTest, NamesWhatIsWrongWithAConfiguration) {
  EXPECT_EQ(complaint("model_type", "t5"),
            "config.json: model_type is \"t5\", expected marian or regard-transformer");
  EXPECT_EQ(complaint("d_model", io::Json()), "config.json: d_model is missing");
  EXPECT_EQ(complaint("d_model", "x"), "config.json: d_model is \"x\", expected a whole number");
  EXPECT_EQ(complaint("d_model", 0), "config.json: d_model is 0, expected 1 to 1048576");
  EXPECT_EQ(complaint("d_model", 1 << 30),
            "config.json: d_model is 1073741824, expected 1 to 1048576");
  EXPECT_EQ(complaint("d_model", 30),
            "config.json: 4 attention heads do not divide a d_model of 30");
  EXPECT_EQ(complaint("activation_function", "tanh"),
            "config.json: activation_function is \"tanh\", expected relu, gelu, gelu_new, swish or "
            "silu");
  EXPECT_EQ(complaint("pad_token_id", 160),
            "config.json: pad_token_id is 160, expected an id below 160");
  EXPECT_EQ(complaint("dropout", 1), "config.json: dropout is 1, expected 0 to below 1");
}

TEST(MarianTest, NamesTheFileThatIsMissing) {
  Folder folder;
  EXPECT_EQ(thrown<FormatError>([&] { read_marian(folder); }), "model: config.json is missing");
}

}  // namespace
}  // namespace regard::models
