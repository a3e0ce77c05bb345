// SPDX-License-Identifier: MIT
// The attention of the papers, as PyTorch computes their equations one query and key at a time, and
// Keras's layers of the same: tests/golden/README.md, section classical.
#include <algorithm>
#include <cmath>
#include <sstream>

#include "attention/attention.h"
#include "attention/coverage.h"
#include "io/file.h"
#include "io/safetensors.h"
#include "support/numbers.h"

namespace regard::attention {
namespace {

class Golden {
 public:
  explicit Golden(const std::string& name)
      : bytes_(
            io::read_file(std::string(REGARD_GOLDEN_DIR) + "/classical/" + name + ".safetensors")),
        file_(io::Safetensors::read(bytes_, name)) {}

  /// Undefined if the file does not have it.
  Tensor operator[](const std::string& name) const {
    return file_.has(name) ? file_.tensor(name) : Tensor();
  }
  std::string said(const std::string& name) const { return file_.metadata().at(name); }
  std::vector<Index> lengths() const {
    std::vector<Index> result;
    std::istringstream text(said("lengths"));
    for (std::string length; std::getline(text, length, ',');) result.push_back(std::stol(length));
    return result;
  }

 private:
  io::Bytes bytes_;
  io::Safetensors file_;
};

// The goldens are exact, from float64. Ours are sums of up to 13 terms below 16, then a softmax and
// sums of up to 6 of its terms, each off by 6e-8 of its operands: 1e-5 of the largest (or of 1) if
// all errors had one sign.
void expect_equal(const Tensor& actual, const Tensor& expected, const std::string& what) {
  ASSERT_TRUE(actual.defined() && expected.defined()) << what;
  ASSERT_EQ(actual.shape(), expected.shape()) << what;
  float largest = 1;
  for (const float value : expected.values()) largest = std::max(largest, std::abs(value));
  for (Index i = 0; i < expected.count(); ++i) {
    ASSERT_NEAR(actual.data()[i], expected.data()[i], 1e-5 * largest) << what << " at " << i;
  }
}

Attention arriving_at_output(const Tensor& gradient) {
  Attention gradients;
  gradients.output = gradient;
  return gradients;
}

// --- The papers ---

constexpr std::pair<const char*, Score> score_names[] = {
    {"dot", Score::dot},          {"scaled_dot", Score::scaled_dot}, {"general", Score::general},
    {"concat", Score::concat},    {"additive", Score::additive},     {"cosine", Score::cosine},
    {"location", Score::location}};
constexpr std::pair<const char*, Alignment> alignment_names[] = {{"softmax", Alignment::softmax},
                                                                 {"hard", Alignment::hard},
                                                                 {"local_m", Alignment::local_m},
                                                                 {"local_p", Alignment::local_p}};

template <class Names>
auto named(const Names& names, const std::string& name) {
  return std::find_if(std::begin(names), std::end(names),
                      [&](const auto& entry) { return entry.first == name; })
      ->second;
}

class PaperTest : public ::testing::TestWithParam<const char*> {};

TEST_P(PaperTest, GivesTheNumbersOfItsEquations) {
  const Golden golden(GetParam());
  AttentionOptions options;
  options.score = named(score_names, golden.said("score"));
  options.score_parameters = {golden["score.query"], golden["score.key"], golden["score.vector"]};
  options.alignment = named(alignment_names, golden.said("alignment"));
  if (options.alignment == Alignment::local_m || options.alignment == Alignment::local_p) {
    options.alignment_options.radius = std::stol(golden.said("radius"));
  }
  options.alignment_options.position_weight = golden["position_weight"];
  options.alignment_options.position_vector = golden["position_vector"];
  options.key_lengths = golden.lengths();
  options.raw = options.weights = true;
  const Tensor q = golden["queries"], k = golden["keys"], v = golden["values"];

  const Attention result = attention(q, k, v, options);
  expect_equal(result.raw, golden["raw"], "raw");
  expect_equal(result.weights, golden["weights"], "weights");
  expect_equal(result.output, golden["output"], "output");
  if (options.alignment == Alignment::hard) return;

  const auto gradients =
      attention_backward(q, k, v, options, result, arriving_at_output(golden["loss"]));
  const auto expect_gradient = [&](const Tensor& actual, const std::string& name) {
    if (actual.defined()) expect_equal(actual, golden["gradient." + name], "gradient of " + name);
  };
  expect_gradient(gradients.q, "queries");
  // location does not read the keys; PyTorch has no gradient for them, and we have zeros
  if (options.score != Score::location) expect_gradient(gradients.k, "keys");
  expect_gradient(gradients.v, "values");
  expect_gradient(gradients.score_parameters.query, "score.query");
  expect_gradient(gradients.score_parameters.key, "score.key");
  expect_gradient(gradients.score_parameters.vector, "score.vector");
  expect_gradient(gradients.position_weight, "position_weight");
  expect_gradient(gradients.position_vector, "position_vector");
  EXPECT_EQ(gradients.position_weight.defined(), options.alignment == Alignment::local_p);
  EXPECT_EQ(gradients.score_parameters.query.defined(), golden["score.query"].defined());
}

INSTANTIATE_TEST_SUITE_P(Every, PaperTest,
                         ::testing::Values("dot", "scaled_dot", "general", "concat", "additive",
                                           "cosine", "location", "hard", "local_m", "local_p",
                                           "local_p_dot"),
                         [](const auto& info) { return std::string(info.param); });

TEST(PaperTest, CoverageGivesTheNumbersOfItsEquations) {
  const Golden golden("coverage");
  const Tensor q = golden["queries"], k = golden["keys"], v = golden["values"];
  const CoverageParameters parameters{golden["query_weight"], golden["key_weight"],
                                      golden["coverage_weight"], golden["vector"], golden["bias"]};
  const CoverageOptions options{.key_lengths = golden.lengths()};
  const CoverageAttention result = coverage_attention(q, k, v, parameters, options);
  expect_equal(result.weights, golden["weights"], "weights");
  expect_equal(result.output, golden["output"], "output");
  expect_equal(result.coverage, golden["coverage"], "coverage");
  expect_equal(result.loss, golden["coverage_loss"], "loss");

  const auto gradients =
      coverage_attention_backward(q, k, v, parameters, options, result,
                                  {golden["loss"], {}, {}, Tensor::full(result.loss.shape(), 1)});
  expect_equal(gradients.q, golden["gradient.queries"], "gradient of queries");
  expect_equal(gradients.k, golden["gradient.keys"], "gradient of keys");
  expect_equal(gradients.v, golden["gradient.values"], "gradient of values");
  expect_equal(gradients.parameters.query, golden["gradient.query_weight"], "gradient of W");
  expect_equal(gradients.parameters.key, golden["gradient.key_weight"], "gradient of U");
  expect_equal(gradients.parameters.coverage, golden["gradient.coverage_weight"],
               "gradient of w_c");
  expect_equal(gradients.parameters.vector, golden["gradient.vector"], "gradient of v");
  expect_equal(gradients.parameters.bias, golden["gradient.bias"], "gradient of b");
}

// --- Keras: how to say its layers in our options ---

// Runs options on a golden's operands; returns the gradients.
AttentionGradients expect_layer(const Golden& golden, AttentionOptions options) {
  options.convention = ConventionName::keras_attention;
  options.key_lengths = golden.lengths();
  options.weights = true;
  const Tensor q = golden["queries"], k = golden["keys"], v = golden["values"];
  const Attention result = attention(q, k, v, options);
  expect_equal(result.weights, golden["weights"], "weights");
  expect_equal(result.output, golden["output"], "output");
  const auto gradients =
      attention_backward(q, k, v, options, result, arriving_at_output(golden["loss"]));
  expect_equal(gradients.q, golden["gradient.queries"], "gradient of queries");
  expect_equal(gradients.k, golden["gradient.keys"], "gradient of keys");
  expect_equal(gradients.v, golden["gradient.values"], "gradient of values");
  return gradients;
}

// Nothing is projected; the layer's `scale` is v.
TEST(KerasTest, AdditiveAttentionIsAdditiveWithoutProjections) {
  const Golden golden("keras_additive");
  AttentionOptions options;
  options.score = Score::additive;
  options.score_parameters.vector = golden["layer.scale"];
  const auto gradients = expect_layer(golden, options);
  expect_equal(gradients.score_parameters.vector, golden["gradient.layer.scale"],
               "gradient of scale");
}

// `scale` times the identity turns queries and keys; v is the score weight for each of them.
TEST(KerasTest, AttentionThatConcatenatesIsAdditiveToo) {
  const Golden golden("keras_concat");
  const Index D = golden["queries"].size(-1);
  const float scale = golden["layer.scale"].data()[0];
  Tensor turn = Tensor::zeros({D, D});
  for (Index i = 0; i < D; ++i) turn.data()[i * D + i] = scale;
  AttentionOptions options;
  options.score = Score::additive;
  options.score_parameters = {turn, turn,
                              Tensor::full({D}, golden["layer.concat_score_weight"].data()[0])};
  const auto gradients = expect_layer(golden, options).score_parameters;

  Tensor dscale = Tensor::zeros({}), dweight = Tensor::zeros({});
  for (Index i = 0; i < D; ++i) {
    dscale.data()[0] += gradients.query.data()[i * D + i] + gradients.key.data()[i * D + i];
    dweight.data()[0] += gradients.vector.data()[i];
  }
  expect_equal(dscale, golden["gradient.layer.scale"], "gradient of scale");
  expect_equal(dweight, golden["gradient.layer.concat_score_weight"], "gradient of score weight");
}

TEST(KerasTest, AttentionThatMultipliesIsDotWithAScale) {
  const Golden golden("keras_dot");
  AttentionOptions options;
  options.score = Score::dot;
  options.scale = golden["layer.scale"].data()[0];
  expect_layer(golden, options);
}

}  // namespace
}  // namespace regard::attention
