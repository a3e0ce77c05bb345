// SPDX-License-Identifier: MIT
// Every convention against the program that it is named for: tests/golden/README.md, section
// conventions.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "attention/attention.h"
#include "attention/convention.h"
#include "io/file.h"
#include "io/json.h"
#include "io/safetensors.h"

namespace regard::attention {
namespace {

using io::Fields;
using io::Json;

/// The cases of one convention, and their numbers.
class ConventionGolden {
 public:
  explicit ConventionGolden(const std::string& name)
      : bytes_(io::read_file(path(name) + ".safetensors")),
        file_(io::Safetensors::read(bytes_, name)),
        json_(Json::parse(io::read_file(path(name) + ".json"), name)) {}

  const Json::Array& cases() const { return json_.find("cases")->items("cases"); }
  double tolerance(const std::string& kind) const {
    return Fields(*json_.find("tolerances")->find(kind), kind).number("error");
  }
  /// Undefined if the case has none of the name.
  Tensor tensor(const std::string& name) const {
    return file_.has(name) ? file_.tensor(name) : Tensor();
  }

 private:
  static std::string path(const std::string& name) {
    return std::string(REGARD_GOLDEN_DIR) + "/conventions/" + name;
  }

  io::Bytes bytes_;
  io::Safetensors file_;
  Json json_;
};

constexpr const char* names[] = {"onnx-23", "onnx-24",         "onnx-25", "torch", "torch-mha",
                                 "keras",   "keras-attention", "jax",     "d2l"};

ConventionName named(const std::string& name) {
  for (size_t i = 0; i <= static_cast<size_t>(ConventionName::d2l); ++i) {
    const auto each = static_cast<ConventionName>(i);
    if (name == convention(each).name) return each;
  }
  ADD_FAILURE() << "no convention is called " << name;
  return ConventionName::none;
}

std::vector<Index> wholes(const Json& list) {
  std::vector<Index> result;
  for (const Json& item : list.items("list")) {
    if (item.is_array()) {
      const std::vector<Index> row = wholes(item);
      result.insert(result.end(), row.begin(), row.end());
    } else {
      result.push_back(item.whole("list"));
    }
  }
  return result;
}

/// A case's options as ours. `input` gives its tensors.
template <class Input>
AttentionOptions options_of(const Json& json, const Input& input) {
  const Fields fields(json, "options");
  AttentionOptions options{.convention = named(fields.text("convention"))};
  options.heads = fields.whole("heads", 0);
  options.kv_heads = fields.whole("kvHeads", 0);
  options.softcap = static_cast<float>(fields.number("softcap", 0));
  options.causal = fields.boolean("causal", false);
  if (fields.has("scale")) options.scale = static_cast<float>(fields.number("scale"));
  if (fields.has("keyLengths")) options.key_lengths = wholes(fields.value("keyLengths"));
  if (fields.has("queryLengths")) options.query_lengths = wholes(fields.value("queryLengths"));
  if (fields.has("window")) {
    const std::vector<Index> sides = wholes(fields.value("window"));
    options.window = {sides.at(0), sides.at(1)};
  }
  if (fields.has("emptyRow")) {
    const std::string row = fields.text("emptyRow");
    options.empty_row = row == "zeros" ? EmptyRow::zeros : EmptyRow::softmax;
  }
  if (fields.has("maskValue")) options.mask_value = static_cast<float>(fields.number("maskValue"));
  const std::string score = fields.text("score", "");
  if (score == "dot") options.score = Score::dot;
  if (score == "additive") options.score = Score::additive;
  if (fields.has("return")) {
    for (const Json& stage : fields.value("return").items("return")) {
      const std::string& name = stage.text("return");
      options.raw |= name == "raw";
      options.capped |= name == "capped";
      options.masked |= name == "masked";
      options.weights |= name == "weights";
    }
  }
  options.weights |= fields.boolean("weights", false);
  options.mask = input("mask");
  options.bias = input("bias");
  options.key_mask = input("keyMask");
  options.past_key = input("pastKey");
  options.past_value = input("pastValue");
  options.score_parameters = {input("scoreQuery"), input("scoreKey"), input("scoreVector")};
  return options;
}

// (B, H, L, S) or (H, L, S): the mean over the heads.
Tensor averaged(const Tensor& weights) {
  const Shape& shape = weights.shape();
  const Index rank = shape.rank(), H = weights.size(-3),
              block = weights.size(-2) * weights.size(-1);
  const Shape without = rank == 4 ? Shape{shape[0], shape[2], shape[3]} : Shape{shape[1], shape[2]};
  Tensor mean = Tensor::zeros(without);
  for (Index i = 0; i < weights.count(); ++i) {
    const Index at = i / (H * block) * block + i % block;
    mean.data()[at] += weights.data()[i] / static_cast<float>(H);
  }
  return mean;
}

void expect_near(const Tensor& actual, const Tensor& expected, double tolerance,
                 const std::string& what) {
  ASSERT_TRUE(actual.defined()) << what;
  ASSERT_EQ(actual.shape(), expected.shape()) << what;
  double largest = 1;
  for (const float value : expected.values()) {
    if (std::isfinite(value)) largest = std::max(largest, std::abs(double{value}));
  }
  for (Index i = 0; i < expected.count(); ++i) {
    const float given = actual.data()[i], wanted = expected.data()[i];
    if (given == wanted || (std::isnan(given) && std::isnan(wanted))) continue;
    ASSERT_LE(std::abs(double{given} - double{wanted}), tolerance * largest)
        << what << " at " << i << ": " << given << ", expected " << wanted;
  }
}

class ConventionsTest : public testing::TestWithParam<const char*> {};

TEST_P(ConventionsTest, AgreesWithItsProgram) {
  const ConventionGolden golden(GetParam());
  ASSERT_GT(golden.cases().size(), 30u);
  for (const Json& json : golden.cases()) {
    const Fields fields(json, "case");
    if (fields.has("layer")) continue;  // of what owns parameters: tests/js/conventions.test.ts
    const std::string name = fields.text("name");
    SCOPED_TRACE(name);
    const auto tensor = [&](const std::string& part) { return golden.tensor(name + "." + part); };
    const AttentionOptions options = options_of(fields.value("options"), tensor);
    const Tensor q = tensor("queries"), k = tensor("keys"), v = tensor("values");
    Attention result;
    try {
      result = attention(q, k, v, options);
    } catch (const std::exception& error) {
      ADD_FAILURE() << error.what();
      continue;
    }

    const bool averages = Fields(fields.value("options"), name).boolean("averageWeights", false);
    const std::pair<const char*, Tensor> parts[] = {
        {"output", result.output},
        {"raw", result.raw},
        {"capped", result.capped},
        {"masked", result.masked},
        {"weights", averages ? averaged(result.weights) : result.weights},
        {"presentKey", result.present_key},
        {"presentValue", result.present_value}};
    for (const auto& [part, actual] : parts) {
      const Tensor expected = tensor(part);
      if (expected.defined()) {
        expect_near(actual, expected, golden.tolerance(fields.text("tolerance")), part);
      }
    }

    if (!fields.has("gradients")) continue;
    Attention arriving;
    arriving.output = tensor("loss");
    const AttentionGradients gradients = attention_backward(q, k, v, options, result, arriving);
    const std::pair<const char*, Tensor> slopes[] = {
        {"queries", gradients.q},
        {"keys", gradients.k},
        {"values", gradients.v},
        {"bias", gradients.bias},
        {"scoreQuery", gradients.score_parameters.query},
        {"scoreKey", gradients.score_parameters.key},
        {"scoreVector", gradients.score_parameters.vector}};
    for (const auto& [part, actual] : slopes) {
      const Tensor expected = tensor(std::string("gradient.") + part);
      if (expected.defined()) {
        expect_near(actual, expected, golden.tolerance("gradient"),
                    std::string("gradient of ") + part);
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Programs, ConventionsTest, testing::ValuesIn(names), [](const auto& info) {
  std::string name = info.param;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

}  // namespace
}  // namespace regard::attention
