// SPDX-License-Identifier: MIT
#include "decoding/trace.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "decoding/random_model.h"
#include "decoding/translator.h"
#include "thrown.h"

namespace regard::decoding {
namespace {

using attention::Edit;
using attention::Stage;
using models::Interventions;
using models::Where;

// Sums of some tens of fp32 terms below 64, in another order: a step in place of the whole.
constexpr float score_tolerance = 1e-4f;
// Weights are at most 1 and have gone through up to three layers that differ so.
constexpr float weight_tolerance = 1e-5f;

const std::string source = "The weather is nice today.", target = "汤姆在跑。";

const Translator& translator() {
  static const Translator shared(random_model(0.3));
  return shared;
}

Translation translate(const TranslateOptions& options, const std::string& text = source) {
  TranslationSearch search = translator().start({text}, options);
  while (search.step()) {
  }
  return search.result(0);
}

Ids ids_of(const text::Sentence& sentence) {
  Ids ids;
  for (const auto& piece : sentence.pieces) ids.push_back(piece.id);
  return ids;
}

Ids target_ids() { return ids_of(translator().model().tokenizer.encode_target(target)); }

// How many pieces a search chose: where there is room for one more, `</s>` is all that it may take.
size_t searched(const std::vector<float>& terms) {
  return std::min(terms.size(), static_cast<size_t>(random_positions - 2));
}

Tensor number(float value) { return Tensor::full({1}, value); }

// The layers' tensors of one name, one after the other.
std::vector<float> stacked(const Trace& trace, const std::string& side, const std::string& end) {
  std::vector<float> all;
  for (const auto& [name, step] : trace.steps) {
    if (!name.starts_with(side) || !name.ends_with(end)) continue;
    all.insert(all.end(), step.values().begin(), step.values().end());
  }
  return all;
}

void expect_near(const std::vector<float>& found, const Tensor& expected, const char* what) {
  ASSERT_EQ(static_cast<Index>(found.size()), expected.count()) << what;
  for (size_t i = 0; i < found.size(); ++i) {
    ASSERT_NEAR(found[i], expected.data()[i], weight_tolerance) << what << " at " << i;
  }
}

TEST(Trace, HasTheWeightsThatATranslationReports) {
  const Interventions change = {
      {Where::encoder, 0, {.head = 1, .values = number(0)}},
      {Where::decoder, 1, {.stage = Stage::weights, .row = 2, .values = number(0.5f)}},
      {Where::cross, 0, {.stage = Stage::raw, .head = 3, .values = number(1)}}};
  for (const Interventions& interventions : {Interventions{}, change}) {
    const Translation found = translate({.attention = true, .interventions = interventions});
    const Ids ids = ids_of(found.hypotheses[0].target);
    const Trace traced = translator().trace(source, ids, {.interventions = interventions});
    expect_near(stacked(traced, "encoder.", ".self.weights"), found.attention->encoder, "encoder");
    expect_near(stacked(traced, "decoder.", ".self.weights"), found.attention->decoder, "decoder");
    expect_near(stacked(traced, "decoder.", ".cross.weights"), found.attention->cross, "cross");
    EXPECT_EQ(ids_of(traced.target), ids);
    EXPECT_EQ(traced.target.text, found.hypotheses[0].target.text);
    EXPECT_EQ(traced.source.sentence.pieces, found.source.sentence.pieces);
    const auto& terms = found.hypotheses[0].log_probabilities;
    ASSERT_EQ(traced.log_probabilities.size(), terms.size());
    for (size_t i = 0; i < searched(terms); ++i) {
      EXPECT_NEAR(traced.log_probabilities[i], terms[i], score_tolerance);
    }
  }
}

TEST(Trace, NamesEveryStepOfEveryAttention) {
  const Ids ids = target_ids();
  const auto T = static_cast<Index>(ids.size());
  const Trace traced = translator().trace(source, ids);
  const Index S = traced.source.size();
  const std::map<std::string, Tensor> steps(traced.steps.begin(), traced.steps.end());
  ASSERT_EQ(steps.size(), 9u * (2 + 3 + 3));
  for (const auto& [attention, L, keys] :
       {std::tuple("encoder.1.self.", S, S), std::tuple("decoder.0.self.", T, T),
        std::tuple("decoder.2.cross.", T, S)}) {
    const auto shape = [&, prefix = std::string(attention)](const char* stage) {
      return steps.at(prefix + stage).shape();
    };
    EXPECT_EQ(shape("queries"), (Shape{4, L, 4}));
    EXPECT_EQ(shape("keys"), (Shape{4, keys, 4}));
    EXPECT_EQ(shape("values"), (Shape{4, keys, 4}));
    EXPECT_EQ(shape("raw"), (Shape{4, L, keys}));
    EXPECT_EQ(shape("capped"), (Shape{4, L, keys}));
    EXPECT_EQ(shape("masked"), (Shape{4, L, keys}));
    EXPECT_EQ(shape("weights"), (Shape{4, L, keys}));
    EXPECT_EQ(shape("context"), (Shape{4, L, 4}));
    EXPECT_EQ(shape("output"), (Shape{L, 16}));
  }
  const Trace weights =
      translator().trace(source, ids, {.stages = 1u << static_cast<unsigned>(Stage::weights)});
  EXPECT_EQ(weights.steps.size(), 8u);
  EXPECT_TRUE(translator().trace(source, ids, {.stages = 0}).steps.empty());
}

TEST(Trace, ShowsWhatAnInterventionMade) {
  const Trace traced = translator().trace(
      source, target_ids(),
      {.interventions = {{Where::cross, 1, {.head = 2, .row = 3, .values = number(7)}}}});
  for (const auto& [name, step] : traced.steps) {
    if (name != "decoder.1.cross.context") continue;
    for (Index d = 0; d < 4; ++d) {
      EXPECT_EQ(step.data()[(2 * step.size(1) + 3) * 4 + d], 7.0f);
    }
  }
  const Trace plain = translator().trace(source, target_ids());
  for (size_t i = 0; i < 3; ++i) {
    EXPECT_NEAR(traced.log_probabilities[i], plain.log_probabilities[i], score_tolerance);
  }
  EXPECT_GT(std::abs(traced.log_probabilities[3] - plain.log_probabilities[3]), 1e-3);
}

// With interventions, what a search scores is what the forced target scores: greedily, by beams,
// after a prefix, and along a given target.
TEST(Translator, ScoresWhatItChangedAlikeInEverySearch) {
  const Interventions interventions = {
      {Where::encoder, 1, {.stage = Stage::values, .row = 1, .values = number(2)}},
      {Where::decoder, 0, {.head = 0, .values = number(0)}},
      {Where::cross, 2, {.stage = Stage::keys, .row = 0, .values = number(-3)}},
      {Where::cross, 1, {.stage = Stage::weights, .row = 1, .values = number(0.25f)}}};
  for (const TranslateOptions& options :
       {TranslateOptions{.beams = 1}, TranslateOptions{.beams = 4, .n_best = 3},
        TranslateOptions{.beams = 3, .prefix = "汤姆"}, TranslateOptions{.target = target}}) {
    TranslateOptions changed = options;
    changed.interventions = interventions;
    const Translation found = translate(changed);
    for (const TranslatedSentence& hypothesis : found.hypotheses) {
      const Ids ids = ids_of(hypothesis.target);
      const Trace traced =
          translator().trace(source, ids, {.stages = 0, .interventions = interventions});
      const auto& terms = hypothesis.log_probabilities;
      for (size_t i = 0; i < searched(terms); ++i) {
        EXPECT_NEAR(terms[i], traced.log_probabilities[i], score_tolerance);
      }
    }
    EXPECT_GT(std::abs(found.hypotheses[0].score - translate(options).hypotheses[0].score), 1e-3f);
  }
}

TEST(Translator, ChangesEachTextOfABatchAsItChangesItAlone) {
  const std::vector<std::string> texts = {source, "Yes.", "", "Tom is running."};
  const TranslateOptions options{
      .attention = true, .interventions = {{Where::encoder, 0, {.head = 1, .values = number(0)}}}};
  TranslationSearch search = translator().start(texts, options);
  while (search.step()) {
  }
  for (size_t i = 0; i < texts.size(); ++i) {
    const Translation alone = translate(options, texts[i]);
    const Translation& found = search.result(static_cast<Index>(i));
    EXPECT_EQ(ids_of(found.hypotheses[0].target), ids_of(alone.hypotheses[0].target));
    EXPECT_EQ(found.hypotheses[0].score, alone.hypotheses[0].score);
  }
}

TEST(Translator, ChangesSelfAttentionAlike) {
  const Interventions off = {{Where::encoder, 0, {.head = 1, .values = number(0)}}};
  const SelfAttention found = translator().self_attention(source, off);
  const Translation expected = translate({.attention = true, .interventions = off});
  EXPECT_TRUE(std::ranges::equal(found.attention.values(), expected.attention->encoder.values()));
  EXPECT_FALSE(std::ranges::equal(found.attention.values(),
                                  translator().self_attention(source).attention.values()));
  EXPECT_EQ(thrown<ValueError>([] {
              translator().self_attention(source, {{Where::cross, 0, {.values = number(0)}}});
            }),
            "intervention 0: it is not in the encoder, which alone runs here");
}

TEST(Translator, RefusesInterventionsThatDoNotFitBeforeItStarts) {
  const auto refusal = [](const TranslateOptions& options) {
    return thrown<Error>([&] { translator().start({"Yes.", source}, options); });
  };
  const auto S =
      static_cast<Index>(translator().model().tokenizer.encode_source("Yes.").pieces.size());
  const std::string count = std::to_string(S);
  EXPECT_EQ(refusal({.interventions = {{Where::cross, 3, {.values = number(0)}}}}),
            "intervention 0: layer is 3, expected 0 to 2");
  EXPECT_EQ(refusal({.interventions = {{Where::encoder, 0, {.row = S, .values = number(0)}}}}),
            "intervention 0: row is " + count + ", expected 0 to " + std::to_string(S - 1));
  EXPECT_EQ(
      refusal({.interventions = {{Where::encoder,
                                  0,
                                  {.stage = Stage::weights, .values = Tensor::zeros({50})}}}}),
      "intervention 0: values are (50), expected (1) or (" + count + ")");
  const auto T = static_cast<Index>(target_ids().size());
  EXPECT_EQ(
      refusal({.target = target,
               .interventions = {{Where::decoder, 0, {.row = T, .values = number(0)}}}}),
      "intervention 0: row is " + std::to_string(T) + ", expected 0 to " + std::to_string(T - 1));
  EXPECT_EQ(
      thrown<ValueError>([&] {
        translator().trace(
            source, target_ids(),
            {.interventions = {{Where::decoder, 0, {.row = T, .values = number(0)}}}});
      }),
      "intervention 0: row is " + std::to_string(T) + ", expected 0 to " + std::to_string(T - 1));
}

TEST(Trace, RefusesTargetsThatCannotBe) {
  EXPECT_EQ(thrown<ValueError>([] { translator().trace(source, {}); }),
            "trace: the target has 0 pieces, expected 1 to 24");
  EXPECT_EQ(thrown<ValueError>([] { translator().trace(source, Ids(25, 3)); }),
            "trace: the target has 25 pieces, expected 1 to 24");
  EXPECT_EQ(thrown<ValueError>([] { translator().trace(source, {-1}); }).substr(0, 33),
            "trace: an id of the target is -1,");
}

}  // namespace
}  // namespace regard::decoding
