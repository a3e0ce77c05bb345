// SPDX-License-Identifier: MIT
#include "layers/registry.h"

#include <set>

#include "layers/layer_golden.h"
#include "support/numbers.h"
#include "thrown.h"

namespace regard::layers {
namespace {

using io::Fields;
using io::Json;

// Every kind of layer that somebody else has, with all its masks, and the gradients of all its
// parameters and inputs: tests/golden/README.md, section torch.
TEST(RegistryTest, LayersAgreeWithTheirPrograms) {
  const LayerGolden golden("torch/layers");
  ASSERT_GT(golden.cases().size(), 50u);
  for (const Json& json : golden.cases()) {
    const Fields fields(json, "case");
    const std::string name = fields.text("name");
    SCOPED_TRACE(name);
    LayerCase expected{.kind = fields.text("kind"),
                       .options = fields.value("options"),
                       .call = fields.value("call")};
    const auto tensors = [&](const char* list, const std::string& prefix) {
      std::vector<std::pair<std::string, Tensor>> found;
      for (const Json& part : fields.value(list).items(list)) {
        found.emplace_back(part.text(list), golden.tensor(name + "." + prefix + part.text(list)));
      }
      return found;
    };
    expected.inputs = tensors("inputs", "input.");
    expected.weights = tensors("weights", "weight.");
    expected.outputs = tensors("outputs", "output.");
    for (const Json& part : fields.value("gradients").items("gradients")) {
      const std::string& path = part.text("gradients");
      expected.gradients.emplace_back(path.substr(path.find('.') + 1),
                                      golden.tensor(name + "." + path));
    }
    expected.loss = golden.tensor(name + ".loss");
    expect_case(expected);
  }
}

// torch.nn.MultiheadAttention with every option, by the goldens of its convention.
TEST(RegistryTest, MultiHeadAttentionAgreesWithPytorchs) {
  const LayerGolden golden("conventions/torch-mha");
  size_t count = 0;
  for (const Json& json : golden.cases()) {
    const Fields fields(json, "case");
    if (!fields.has("layer")) continue;
    ++count;
    const std::string name = fields.text("name");
    SCOPED_TRACE(name);
    const Fields layer(fields.value("layer"), name);
    LayerCase expected{.kind = layer.text("kind"),
                       .options = layer.value("options"),
                       .call = fields.value("options")};
    for (const Json& part : fields.value("inputs").items("inputs")) {
      const std::string& input = part.text("inputs");
      const Tensor value = golden.tensor(name + "." + input);
      if (input.starts_with("weight.")) {
        expected.weights.emplace_back(input.substr(7), value);
      } else {
        expected.inputs.emplace_back(input, value);
      }
    }
    for (const Json& part : fields.value("outputs").items("outputs")) {
      expected.outputs.emplace_back(part.text("outputs"),
                                    golden.tensor(name + "." + part.text("outputs")));
    }
    if (fields.has("gradients")) {
      expected.loss = golden.tensor(name + ".loss");
      for (const Json& part : fields.value("gradients").items("gradients")) {
        const std::string& path = part.text("gradients");
        expected.gradients.emplace_back(path.starts_with("weight.") ? path : "input." + path,
                                        golden.tensor(name + ".gradient." + path));
      }
    }
    expect_case(expected);
  }
  EXPECT_GT(count, 50u);
}

Json::Object options_for(std::string_view kind) {
  if (kind == "Linear") return {{"inFeatures", 4}, {"outFeatures", 3}};
  if (kind == "LayerNorm") return {{"normalizedShape", 4}};
  if (kind == "Embedding") return {{"numEmbeddings", 5}, {"embeddingDim", 4}};
  if (kind == "LearnedPositions") return {{"places", 5}, {"width", 4}};
  if (kind == "AlibiBias" || kind == "RelativePositionBias") return {{"heads", 2}};
  if (kind == "RelativeKeys") return {{"headDim", 4}};
  if (kind == "MultiHeadAttention") return {{"embedDim", 4}, {"numHeads", 2}};
  if (kind == "SharedProjectionAttention") return {{"embedSize", 4}, {"heads", 2}};
  if (kind == "AdditiveAttention") {
    return {{"queryWidth", 4}, {"keyWidth", 4}, {"hiddenWidth", 3}};
  }
  if (kind == "LuongAttention") return {{"width", 4}};
  Json::Object sizes = {{"dModel", 4}, {"nhead", 2}, {"dimFeedforward", 6}};
  if (kind == "TransformerEncoder" || kind == "TransformerDecoder") {
    sizes.emplace_back("numLayers", 1);
  }
  if (kind == "Transformer") {
    sizes.emplace_back("numEncoderLayers", 1);
    sizes.emplace_back("numDecoderLayers", 1);
  }
  if (!kind.starts_with("Transformer")) sizes.clear();
  return sizes;
}

std::unique_ptr<Layer> make(std::string_view kind, const Json::Object& more = {}) {
  Initializer initializer(1, InitialWeights::torch);
  Json::Object options = options_for(kind);
  options.insert(options.end(), more.begin(), more.end());
  return make_layer(kind, options, initializer);
}

// What the table says of a kind is what the kind takes and gives.
TEST(RegistryTest, EveryKindKeepsToItsWords) {
  for (const LayerKind& kind : layer_kinds()) {
    SCOPED_TRACE(kind.name);
    const auto layer = make(kind.name);
    EXPECT_EQ(thrown<ValueError>([&] { make(kind.name, {{"nonsense", 1}}); }),
              std::string(kind.name) + ": unknown option 'nonsense'");

    NamedVariables inputs;
    for (size_t begin = 0; begin < kind.inputs.size();) {
      const size_t end = std::min(kind.inputs.find(' ', begin), kind.inputs.size());
      const std::string word(kind.inputs.substr(begin, end - begin));
      begin = end + 1;
      if (word.ends_with('?')) continue;
      const bool heads = kind.name == "RelativeKeys";
      const Tensor value = Tensor::full(heads ? Shape{1, 2, 3, 4} : Shape{1, 3, 4}, 1.0f);
      inputs.emplace_back(word,
                          autograd::variable(word == "ids" ? Tensor::full({1, 3}, 1.0f) : value));
    }
    Json::Object call;
    if (kind.call.find("queries") != kind.call.npos) call.emplace_back("queries", 3);
    if (kind.call.find("keys ") != kind.call.npos) call.emplace_back("keys", 3);
    if (kind.call.find("weights=") != kind.call.npos) call.emplace_back("weights", true);

    Tape tape;
    Pass pass{tape};
    const NamedVariables outputs = layer->forward(pass, inputs, call);
    std::set<std::string> names;
    for (const auto& [name, output] : outputs) {
      names.insert(name);
      EXPECT_TRUE(kind.outputs.find(name) != kind.outputs.npos) << name;
      for (const float value : output->value.values()) EXPECT_TRUE(std::isfinite(value)) << name;
    }
    EXPECT_EQ(names.size(), outputs.size());
    EXPECT_TRUE(names.contains("output") || names.contains("bias"));

    const auto run = [&](const NamedVariables& given, const Json& told) {
      layer->forward(pass, given, told);
    };
    NamedVariables strange = inputs;
    strange.emplace_back("stranger", autograd::constant(Tensor::zeros({1})));
    EXPECT_EQ(thrown<ValueError>([&] { run(strange, call); }),
              std::string(kind.name) + ": there is no input 'stranger'");
    EXPECT_EQ(thrown<ValueError>([&] { run(inputs, Json::Object{{"nonsense", 1}}); }),
              std::string(kind.name) + ": unknown option 'nonsense'");
    if (inputs.empty()) continue;
    EXPECT_EQ(thrown<ValueError>([&] { run({}, call); }),
              std::string(kind.name) + ": input '" + inputs[0].first + "' is missing");
  }
}

TEST(RegistryTest, RefusesWhatIsNoLayer) {
  EXPECT_EQ(thrown<ValueError>([] { make("Lstm"); }), "layer: there is no kind 'Lstm'");
  EXPECT_EQ(thrown<ValueError>([] { make("Linear", {{"bias", "no"}}); }),
            "Linear: bias is \"no\", expected true or false");
  Initializer initializer(1);
  EXPECT_EQ(thrown<ValueError>([&] { make_layer("Linear", {}, initializer); }),
            "Linear: inFeatures is missing");
  EXPECT_EQ(thrown<ValueError>([] { make("TransformerEncoder", {{"activation", "tanh"}}); }),
            "TransformerEncoder: activation is \"tanh\", expected one of 'relu', 'gelu', "
            "'gelu-tanh', 'silu'");
}

TEST(RegistryTest, RefusesIdsThatAreNotWhole) {
  const auto layer = make("Embedding");
  Tape tape;
  Pass pass{tape};
  const auto look_up = [&](float id) {
    layer->forward(pass, {{"ids", autograd::constant(Tensor::full({1}, id))}}, {});
  };
  EXPECT_EQ(thrown<ValueError>([&] { look_up(1.5f); }),
            "Embedding: an id is 1.5, expected a whole number");
}

// torch.nn's Transformer layers never ask for weights, so an empty row gives zeros; and being
// looked at changes nothing.
TEST(RegistryTest, LookingAtABlockChangesNothing) {
  const auto layer = make("TransformerEncoderLayer");
  const NamedVariables inputs = {
      {"src", autograd::constant(Tensor::from({1, 3, 4}, testing::numbers(12, 1)))},
      {"keyMask", autograd::constant(Tensor::full({1, 3}, 1.0f))}};
  const auto run = [&](bool weights) {
    Tape tape(Tape::Mode::forget);
    Pass pass{tape};
    const Json::Object call = {{"convention", "torch-mha"}, {"weights", weights}};
    return layer->forward(pass, inputs, call)[0].second->value;
  };
  const Tensor plain = run(false), seen = run(true);
  for (const float value : plain.values()) EXPECT_TRUE(std::isfinite(value));
  testing::expect_same(seen.values(), plain.values());
}

// Dropout: only in a pass that trains, and a function of its seed.
TEST(RegistryTest, DropsInTrainingAlone) {
  const auto layer = make("TransformerEncoderLayer", {{"dropout", 0.5}});
  const Variable x = autograd::constant(Tensor::full({1, 6, 4}, 1.0f));
  const auto run = [&](uint64_t seed, bool training) {
    Tape tape;
    Pass pass{.tape = tape, .seed = seed, .training = training};
    const Tensor y = layer->forward(pass, {{"src", x}}, {})[0].second->value;
    return std::vector<float>(y.values().begin(), y.values().end());
  };
  EXPECT_EQ(run(1, false), run(2, false));
  EXPECT_EQ(run(1, true), run(1, true));
  EXPECT_NE(run(1, true), run(2, true));
  EXPECT_NE(run(1, true), run(1, false));
}

}  // namespace
}  // namespace regard::layers
