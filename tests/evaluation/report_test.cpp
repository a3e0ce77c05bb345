// SPDX-License-Identifier: MIT
#include "evaluation/report.h"

#include <gtest/gtest.h>

#include "evaluation/chrf.h"
#include "report_model.h"
#include "thrown.h"

namespace regard::evaluation {
namespace {

using Texts = std::vector<std::string>;

// Sums of some dozen logarithms in fp32, of batches and of single sentences.
constexpr double loss_tolerance = 1e-4;

const SentencePairs pairs{
    {"Tom is running.", "Good morning!", "I don't know where she lives, but I can ask my brother.",
     "The weather is nice today, is it?"},
    {"汤姆正在跑步。", "早上好！", "我不知道她住在哪里，但可以问我哥哥。", "今天天气很好，是吗？"}};

TEST(Report, SortsSentencesIntoClasses) {
  const auto classes = length_classes(pairs, {"en", "zh"});
  ASSERT_EQ(classes.size(), 3u);
  EXPECT_EQ(classes[0].places, (std::vector<size_t>{0, 1}));
  EXPECT_EQ(classes[1].places, (std::vector<size_t>{3}));
  EXPECT_EQ(classes[2].places, (std::vector<size_t>{2}));

  const SentencePairs back{pairs.references, pairs.sources};
  const auto same = length_classes(back, {"zh", "en"});
  ASSERT_EQ(same.size(), 3u);
  EXPECT_EQ(same[2].places, classes[2].places);

  // bounds: five words, nine and ten; nobody is in the third class
  const SentencePairs bounds{{"a b c d e", "a b c d e f", "a b c d e f g h i"}, {"一", "二", "三"}};
  const auto two = length_classes(bounds, {"en", "zh"});
  ASSERT_EQ(two.size(), 2u);
  EXPECT_EQ(two[0].places, (std::vector<size_t>{0}));
  EXPECT_EQ(two[1].places, (std::vector<size_t>{1, 2}));
}

TEST(Report, ScoresAllAndEachClass) {
  const auto classes = length_classes(pairs, {"en", "zh"});
  const Texts translations{"汤姆在跑步。", "早上好！", "我不知道。", "天气很好。"};
  const SearchReport report = score(pairs, classes, "zh", translations);
  EXPECT_EQ(report.all.bleu.score, bleu(translations, pairs.references, Tokenization::zh).score);
  EXPECT_EQ(report.all.chrf, chrf(translations, pairs.references));
  ASSERT_EQ(report.by_length.size(), 3u);
  EXPECT_EQ(report.by_length[0].sentences, 2u);
  EXPECT_EQ(report.by_length[2].chrf, chrf(Texts{translations[2]}, Texts{pairs.references[2]}));
  // 6 + 4 of 7 + 4 characters and marks
  EXPECT_DOUBLE_EQ(report.by_length[0].length_ratio(), 10.0 / 11);
  EXPECT_EQ(Scores().length_ratio(), 0);
}

TEST(Report, TranslatesEachSentenceAsItWouldAlone) {
  for (const Index beams : {1, 3}) {
    const Texts together = translate(translator(), pairs.sources, {.beams = beams});
    for (size_t i = 0; i < pairs.size(); ++i) {
      EXPECT_EQ(Texts{together[i]}, translate(translator(), {pairs.sources[i]}, {.beams = beams}));
    }
  }
}

TEST(Report, FindsTheLossOfEachReference) {
  const Losses losses = reference_losses(translator(), pairs);
  double sum = 0, tokens = 0;
  for (size_t i = 0; i < pairs.size(); ++i) {
    decoding::TranslationSearch search =
        translator().start({pairs.sources[i]}, {.target = pairs.references[i]});
    while (search.step()) {
    }
    double loss = 0;
    const auto& found = search.result(0).hypotheses[0].log_probabilities;
    for (const float each : found) loss -= static_cast<double>(each);
    EXPECT_NEAR(losses.sentences[i], loss / static_cast<double>(found.size()), loss_tolerance);
    sum += loss;
    tokens += static_cast<double>(found.size());
  }
  EXPECT_NEAR(losses.mean, sum / tokens, loss_tolerance);
}

TEST(Report, NamesAReferenceThatIsTooLong) {
  std::string text;
  for (int i = 0; i < 30; ++i) text += "汤姆";
  EXPECT_EQ(thrown<ValueError>([&] {
              reference_losses(translator(), {{"Tom"}, {text}, {"x.tsv:7"}});
            }).substr(0, 27),
            "x.tsv:7: the reference has ");
}

TEST(Report, PutsTheGreatestLossFirst) {
  EXPECT_EQ(worst_first({.sentences = {1.5, 3, 0.5, 3}}), (std::vector<size_t>{1, 3, 0, 2}));
}

}  // namespace
}  // namespace regard::evaluation
