// SPDX-License-Identifier: MIT
// Translations by a model of random numbers, from English pieces to Chinese ones: nonsense, but
// with all the offsets, batches, limits and attention that sense would have.
#include "decoding/translator.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "decoding/greedy_search.h"
#include "decoding/random_model.h"
#include "thrown.h"

namespace regard::decoding {
namespace {

constexpr Index positions = random_positions;
// Sums of fp32 numbers below 64 in another order.
constexpr float score_tolerance = 1e-4f;
constexpr float weight_tolerance = 1e-5f;

const Translator& translator() {
  static const Translator shared(random_model());
  return shared;
}

std::vector<Translation> translate(const std::vector<std::string>& texts,
                                   const TranslateOptions& options = {}) {
  TranslationSearch search = translator().start(texts, options);
  while (search.step()) {
  }
  std::vector<Translation> results;
  for (Index text = 0; text < search.texts(); ++text) results.push_back(search.result(text));
  return results;
}

Ids ids_of(const text::Sentence& sentence) {
  Ids ids;
  for (const auto& piece : sentence.pieces) ids.push_back(piece.id);
  return ids;
}

// Every row of every matrix is a distribution over the keys that there are.
void expect_distributions(const Tensor& attention, const Shape& shape) {
  ASSERT_EQ(attention.shape(), shape);
  for (Index row = 0; row < shape.rows(); ++row) {
    const float* weights = attention.data() + row * shape.back();
    EXPECT_NEAR(std::accumulate(weights, weights + shape.back(), 0.0f), 1, weight_tolerance);
  }
}

TEST(Translator, TranslatesABatchAsItTranslatesEachAlone) {
  const std::vector<std::string> texts{"Tom is running.",
                                       "Yes.",
                                       "I don't know where she lives, but I can ask my brother.",
                                       "",
                                       "Good morning!",
                                       "The weather is nice today.",
                                       "Help!"};
  const TranslateOptions options{.n_best = 2, .attention = true};
  const auto together = translate(texts, options);
  for (size_t i = 0; i < texts.size(); ++i) {
    const Translation expected = translate({texts[i]}, options)[0];
    const Translation& found = together[i];
    EXPECT_EQ(found.source.sentence.text, texts[i]);
    EXPECT_EQ(found.source.sentence.pieces, expected.source.sentence.pieces);
    ASSERT_EQ(found.hypotheses.size(), expected.hypotheses.size());
    for (size_t rank = 0; rank < found.hypotheses.size(); ++rank) {
      const TranslatedSentence &a = found.hypotheses[rank], &b = expected.hypotheses[rank];
      EXPECT_EQ(a.target.text, b.target.text);
      EXPECT_EQ(ids_of(a.target), ids_of(b.target));
      EXPECT_NEAR(a.score, b.score, score_tolerance);
      EXPECT_EQ(a.log_probabilities.size(), a.target.pieces.size());
    }
    if (texts[i].empty()) continue;

    ASSERT_EQ(found.hypotheses.size(), 2u);
    const Index S = found.source.size();
    const auto T = static_cast<Index>(found.hypotheses[0].target.pieces.size());
    expect_distributions(found.attention->encoder, {2, 4, S, S});
    expect_distributions(found.attention->cross, {3, 4, T, S});
    expect_distributions(found.attention->decoder, {3, 4, T, T});
    for (Index k = 0; k < found.attention->cross.count(); ++k) {
      EXPECT_NEAR(found.attention->cross.data()[k], expected.attention->cross.data()[k],
                  weight_tolerance);
    }
  }
}

TEST(Translator, TellsThatAnEmptySourceHasNoTranslation) {
  for (const auto& found : translate({"", "  \t "}, {.n_best = 2, .attention = true})) {
    ASSERT_EQ(found.hypotheses.size(), 1u);
    EXPECT_EQ(found.hypotheses[0].target.text, "");
    EXPECT_TRUE(found.hypotheses[0].target.pieces.empty());
    EXPECT_EQ(found.hypotheses[0].score, 0);
    EXPECT_FALSE(found.attention);
    EXPECT_EQ(found.notes,
              (std::vector<std::string>{"the source is empty: there is nothing to translate"}));
  }
  TranslationSearch nothing = translator().start({});
  EXPECT_FALSE(nothing.step());
  EXPECT_EQ(nothing.texts(), 0);
}

TEST(Translator, CutsASourceThatIsTooLongAndSaysSo) {
  std::string text = "Tom";
  for (int i = 0; i < 40; ++i) text += " runs";
  const auto whole = translator().model().tokenizer.encode_source(text);
  const auto pieces = static_cast<Index>(whole.pieces.size());
  ASSERT_GT(pieces, positions);

  const Translation found = translate({text}, {.attention = true})[0];
  EXPECT_EQ(found.source.dropped, pieces - positions);
  EXPECT_EQ(found.source.size(), positions);
  EXPECT_EQ(found.source.sentence.text, text);
  EXPECT_EQ(found.source.sentence.pieces.back(), whole.pieces.back());
  EXPECT_TRUE(std::equal(whole.pieces.begin(), whole.pieces.begin() + positions - 1,
                         found.source.sentence.pieces.begin()));
  const auto& words = found.source.sentence.piece_words;
  EXPECT_EQ(words.size(), static_cast<size_t>(positions));
  EXPECT_EQ(words.back(), -1);
  EXPECT_EQ(static_cast<size_t>(*std::max_element(words.begin(), words.end()) + 1),
            found.source.sentence.words.size());
  EXPECT_EQ(found.attention->encoder.size(-1), positions);
  ASSERT_FALSE(found.notes.empty());
  EXPECT_EQ(found.notes[0], "the source has " + std::to_string(pieces - 1) +
                                " pieces; the first 23 were translated");
}

TEST(Translator, CutsATranslationThatIsTooLongAndSaysSo) {
  const Translation found = translate({"Tom is running."}, {.max_length = 3})[0];
  EXPECT_EQ(found.hypotheses[0].target.pieces.size(), 2u);
  EXPECT_EQ(found.notes, (std::vector<std::string>{"the translation was cut at 2 pieces"}));
}

TEST(Translator, BeginsWithThePrefix) {
  const std::string prefix = "汤姆";
  const auto found = translate({"Tom is running.", "Yes."}, {.n_best = 3, .prefix = prefix});
  for (const Translation& translation : found) {
    for (const TranslatedSentence& hypothesis : translation.hypotheses) {
      EXPECT_TRUE(hypothesis.target.text.starts_with(prefix)) << hypothesis.target.text;
    }
  }
}

TEST(Translator, ScoresATranslationThatIsGiven) {
  const std::string source = "Tom is running.", target = "汤姆在跑。";
  const Translation found =
      translate({source}, {.n_best = 3, .target = target, .attention = true})[0];
  ASSERT_EQ(found.hypotheses.size(), 1u);
  const TranslatedSentence& given = found.hypotheses[0];
  const models::MarianModel& model = translator().model();
  EXPECT_EQ(ids_of(given.target), ids_of(model.tokenizer.encode_target(target)));
  EXPECT_EQ(given.target.text, target);
  const auto& terms = given.log_probabilities;
  const auto T = static_cast<float>(terms.size());
  EXPECT_NEAR(given.score, std::accumulate(terms.begin(), terms.end(), 0.0f) / T, score_tolerance);
  EXPECT_EQ(found.attention->cross.shape(),
            (Shape{3, 4, static_cast<Index>(T), found.source.size()}));
  EXPECT_TRUE(found.notes.empty());

  // what a search has found scores the same when it is given
  const TranslatedSentence best = translate({source})[0].hypotheses[0];
  GreedySearch following(model.transformer.start(model.transformer.encode({found.source.ids()})),
                         usual_options(model.generation), {ids_of(best.target)});
  while (following.step()) {
  }
  EXPECT_NEAR(following.results(0)[0].score, best.score, score_tolerance);
}

TEST(Translator, ShowsHowFarItIs) {
  TranslationSearch search = translator().start({"Yes.", "", "The weather is nice today."}, {});
  EXPECT_TRUE(search.partial(0).pieces.empty());
  EXPECT_EQ(thrown<ValueError>([&] { search.result(0); }), "translate: the search is not done yet");
  EXPECT_NO_THROW(search.result(1));
  size_t most = 0;
  while (search.step()) {
    EXPECT_GE(search.partial(2).pieces.size() + 1, most);
    most = std::max(most, search.partial(2).pieces.size());
  }
  EXPECT_GT(most, 0u);
  for (Index text : {0, 1, 2}) {
    EXPECT_EQ(search.partial(text).text, search.result(text).hypotheses[0].target.text);
  }
  EXPECT_FALSE(search.step());
  EXPECT_EQ(thrown<ValueError>([&] { search.result(3); }), "translate: text is 3, expected 0 to 2");
  EXPECT_THROW(search.partial(-1), ValueError);
}

TEST(Translator, RefusesOptionsBeforeItStarts) {
  const auto refusal = [](const TranslateOptions& options) {
    return thrown<ValueError>([&] { translator().start({"Yes."}, options); });
  };
  EXPECT_EQ(refusal({.beams = 0}), "translate: beams is 0, expected 1 to 64");
  EXPECT_EQ(refusal({.n_best = 4}), "translate: n_best is 4, expected 1 to 3");
  EXPECT_EQ(refusal({.max_length = 25}), "translate: max_length is 25, expected 2 to 24");
  std::string long_text;
  for (int i = 0; i < 30; ++i) long_text += "我";
  EXPECT_NE(refusal({.prefix = long_text}), "");
  EXPECT_NE(refusal({.target = long_text}), "");
  EXPECT_NE(refusal({.prefix = "我", .target = "我"}), "");
}

TEST(Translator, ShowsSelfAttentionWithoutTranslating) {
  const std::string text = "The weather is nice today.";
  const SelfAttention found = translator().self_attention(text);
  const Translation expected = translate({text}, {.attention = true})[0];
  EXPECT_EQ(found.source.pieces, expected.source.sentence.pieces);
  EXPECT_TRUE(std::ranges::equal(found.attention.values(), expected.attention->encoder.values()));
}

}  // namespace
}  // namespace regard::decoding
