// SPDX-License-Identifier: MIT
// Weights in int8: from their own file and from floats, and what is wrong with such files.
#include "models/weights.h"

#include <algorithm>
#include <functional>

#include "autograd/indexing.h"
#include "autograd/product.h"
#include "io/file.h"
#include "thrown.h"

namespace regard::models {
namespace {

constexpr const char* file_name = "model.int8.safetensors";
constexpr const char* table = "model.shared.weight";

TransformerConfig config() {
  const io::Bytes bytes = io::read_file(REGARD_GOLDEN_DIR "/marian/relu/config.json");
  return read_transformer_config(io::Json::parse(bytes, "config.json"), "config.json");
}

Transformer read(const io::Bytes& bytes, layers::Storage storage, const char* name = file_name) {
  return read_transformer(config(), io::Safetensors::read(bytes, name), name, storage);
}

io::Bytes floats() { return io::read_file(REGARD_GOLDEN_DIR "/marian/relu/model.safetensors"); }

io::Bytes int8() { return write_int8_weights(read(floats(), layers::Storage::fp32)); }

// The logits of the first target places.
std::vector<float> logits(const Transformer& model) {
  const auto stepper = model.start(model.encode({{5, 17, 99, 0}}));
  const Tensor found = stepper->step({model.config().decoder_start}, {0});
  return {found.values().begin(), found.values().end()};
}

// A file in int8 with its tensors changed.
using Change = std::function<void(std::vector<io::NamedTensor>&)>;
io::Bytes changed(const Change& change, io::Metadata metadata = {{"quantization", "int8"}}) {
  const io::Bytes bytes = int8();
  const auto file = io::Safetensors::read(bytes, file_name);
  std::vector<io::NamedTensor> tensors;
  for (const std::string& name : file.names()) {
    tensors.push_back({name, file.tensor(name), file.dtype(name)});
  }
  change(tensors);
  return io::write_safetensors(tensors, metadata);
}

io::NamedTensor& named(std::vector<io::NamedTensor>& tensors, const std::string& name) {
  return *std::find_if(tensors.begin(), tensors.end(),
                       [&](const io::NamedTensor& tensor) { return tensor.name == name; });
}

std::string refused(const Change& change) {
  return thrown<FormatError>([&] { read(changed(change), layers::Storage::int8); });
}

TEST(Int8Weights, AreTheSameFromTheirFileAndFromFloats) {
  const auto from_floats = logits(read(floats(), layers::Storage::int8, "model.safetensors"));
  EXPECT_EQ(logits(read(int8(), layers::Storage::int8)), from_floats);
  EXPECT_NE(from_floats, logits(read(floats(), layers::Storage::fp32)));
}

// Rounded to 127 and 255 steps, each product of 32 to 64 terms is off by about a hundredth of its
// size; three layers of the model leave some hundredths of the largest logit.
TEST(Int8Weights, AreNearTheFloats) {
  const auto near = logits(read(floats(), layers::Storage::int8));
  const auto exact = logits(read(floats(), layers::Storage::fp32));
  float largest = 0, error = 0;
  for (size_t i = 0; i < exact.size(); ++i) {
    if (static_cast<Id>(i) == config().pad) continue;
    largest = std::max(largest, std::abs(exact[i]));
    error = std::max(error, std::abs(exact[i] - near[i]));
  }
  EXPECT_LT(error, 0.1f * largest);
}

TEST(Int8Weights, TakeAByteEachAndTwoForVectors) {
  const io::Bytes bytes = int8();
  const auto file = io::Safetensors::read(bytes, file_name);
  EXPECT_EQ(file.dtype(table), io::Dtype::I8);
  EXPECT_EQ(file.dtype(std::string(table) + "_scale"), io::Dtype::F32);
  EXPECT_EQ(file.shape(std::string(table) + "_scale"), (Shape{160, 1}));
  EXPECT_EQ(file.dtype("final_logits_bias"), io::Dtype::F16) << "which has no other numbers";
  EXPECT_EQ(file.metadata().count("format"), 0u) << "it is not for PyTorch";

  Transformer model = read(floats(), layers::Storage::fp32);
  model.parameters()[0].second->value.data()[3] = 0.1f;  // none of float16's
  const io::Bytes finer = write_int8_weights(model, "abc");
  const auto other = io::Safetensors::read(finer, file_name);
  EXPECT_EQ(other.dtype(model.parameters()[0].first), io::Dtype::F32);
  EXPECT_EQ(other.metadata().at("source"), "abc");
}

TEST(Int8Weights, AreNotWrittenUnlessFinite) {
  Transformer model = read(floats(), layers::Storage::fp32);
  for (const auto& [name, parameter] : model.parameters()) {
    if (name == table) parameter->value.data()[40] = std::numeric_limits<float>::infinity();
  }
  EXPECT_EQ(thrown<ValueError>([&] { write_int8_weights(model); }),
            "write_int8_weights: model.shared.weight holds numbers that are not finite");
}

TEST(Int8Weights, SayWhatIsWrongWithAFile) {
  const std::string scale = std::string(table) + "_scale";
  EXPECT_EQ(refused([&](auto& tensors) {
              std::erase_if(tensors, [&](const auto& tensor) { return tensor.name == scale; });
            }),
            "model.int8.safetensors: tensor \"model.shared.weight_scale\" is missing");
  EXPECT_EQ(
      refused([&](auto& tensors) { named(tensors, scale).tensor = Tensor::full({159, 1}, 1.0f); }),
      "model.int8.safetensors: tensor \"model.shared.weight_scale\" is (159, 1), expected "
      "(160, 1)");
  EXPECT_EQ(refused([&](auto& tensors) { named(tensors, scale).dtype = io::Dtype::F16; }),
            "model.int8.safetensors: tensor \"model.shared.weight_scale\" is F16, expected F32");
  EXPECT_EQ(refused([&](auto& tensors) { named(tensors, table).dtype = io::Dtype::F16; }),
            "model.int8.safetensors: tensor \"model.shared.weight\" is F16, expected I8");
  EXPECT_EQ(
      refused([&](auto& tensors) { named(tensors, table).tensor = Tensor::zeros({160, 31}); }),
      "model.int8.safetensors: tensor \"model.shared.weight\" is (160, 31), expected "
      "(160, 32)");
  EXPECT_EQ(refused([&](auto& tensors) { named(tensors, scale).tensor.data()[7] = -1.0f; }),
            "model.int8.safetensors: tensor \"model.shared.weight_scale\" holds -1, expected "
            "finite numbers from 0 on");
  const std::string inner = "model.encoder.layers.0.fc1.weight";
  EXPECT_EQ(refused([&](auto& tensors) {
              std::erase_if(tensors, [&](const auto& tensor) { return tensor.name == inner; });
            }),
            "model.int8.safetensors: tensor \"model.encoder.layers.0.fc1.weight\" is missing");

  const auto keep = [](auto&) {};
  EXPECT_EQ(thrown<FormatError>(
                [&] { read(changed(keep, {{"quantization", "int4"}}), layers::Storage::int8); }),
            "model.int8.safetensors: __metadata__: quantization is int4, expected int8");
  EXPECT_EQ(thrown<FormatError>([&] { read(int8(), layers::Storage::fp32); }),
            "model.int8.safetensors: its weights are int8, and are asked for as floats");
}

TEST(Int8Weights, AreNotTrained) {
  const Transformer model = read(int8(), layers::Storage::int8);
  const char* refusal =
      "transformer: its weights are kept as int8: they can be neither trained, nor read or written "
      "as floats";
  EXPECT_EQ(thrown<ValueError>([&] { model.parameters(); }), refusal);
  EXPECT_EQ(thrown<ValueError>([&] { write_weights(model, io::Dtype::F32); }), refusal);

  layers::Tape tape;
  layers::Pass pass{tape};
  EXPECT_EQ(thrown<ValueError>([&] { model.encode(pass, {5, 0}, {2}); }),
            "embedding: a parameter is int8, which has no gradient");
  EXPECT_EQ(
      thrown<ValueError>([&] { model.logits(pass, autograd::constant(Tensor::zeros({1, 32}))); }),
      "linear: a parameter is int8, which has no gradient");
}

TEST(Int8Weights, CheckWhatTheyMultiply) {
  const Transformer model = read(int8(), layers::Storage::int8);
  layers::Tape tape(layers::Tape::Mode::forget);
  layers::Pass pass{tape};
  EXPECT_EQ(
      thrown<ShapeError>([&] { model.logits(pass, autograd::constant(Tensor::zeros({3, 31}))); }),
      "linear: x is (3, 31), expected (3, 32)");
}

}  // namespace
}  // namespace regard::models
