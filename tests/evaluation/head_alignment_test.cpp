// SPDX-License-Identifier: MIT
#include "evaluation/head_alignment.h"

#include <gtest/gtest.h>

#include "decoding/random_model.h"
#include "report_model.h"

namespace regard::evaluation {
namespace {

// The same sums in fp32, row by row of a batch or of a trace.
constexpr float weight_tolerance = 1e-5f;

const std::string source = "Tom is running.", target = "汤姆正在跑步。";

GoldPair gold_pair(Links sure) {
  GoldPair pair{{source, {"Tom", "is", "running", "."}, {}},
                {target, {"汤姆", "正在", "跑步", "。"}, {}},
                {}};
  pair.source.spans = place_words(pair.source.text, pair.source.words, "");
  pair.target.spans = place_words(pair.target.text, pair.target.words, "");
  pair.links.sure = std::move(sure);
  return pair;
}

TEST(HeadAlignment, KnowsAllHeadsAndTheMeans) {
  const auto heads = heads_of(translator().model().transformer.config());
  ASSERT_EQ(heads.size(), 15u);
  EXPECT_EQ(heads[0], (Head{0, 0}));
  EXPECT_EQ(heads[4], (Head{0, std::nullopt}));
  EXPECT_EQ(heads[14], (Head{2, std::nullopt}));
}

TEST(HeadAlignment, SeesWhatATranslationSees) {
  const ForcedAttention forced(translator(), source, target);
  decoding::TranslationSearch search =
      translator().start({source}, {.target = target, .attention = true});
  while (search.step()) {
  }
  const Tensor& expected = search.result(0).attention->cross;  // (layers, H, T, S)
  const Index H = expected.size(1), T = expected.size(2), S = expected.size(3);
  ASSERT_EQ(forced.target().size() + 1, static_cast<size_t>(T));
  ASSERT_EQ(forced.source().size() + 1, static_cast<size_t>(S));
  for (Index layer = 0; layer < expected.size(0); ++layer) {
    const Tensor mean = forced.weights({layer, std::nullopt});
    for (Index i = 0; i < T * S; ++i) {
      float sum = 0;
      for (Index head = 0; head < H; ++head) {
        const float weight = expected.data()[(layer * H + head) * T * S + i];
        EXPECT_NEAR(forced.weights({layer, head}).data()[i], weight, weight_tolerance);
        sum += weight;
      }
      EXPECT_NEAR(mean.data()[i], sum / static_cast<float>(H), weight_tolerance);
    }
  }
}

TEST(HeadAlignment, ReportsEachHalfByItself) {
  const Head head{1, 2};
  const GoldPair any = gold_pair({{0, 0}});
  const ForcedAttention attention(translator(), source, target);
  const auto found = [&](Rule rule) {
    return head_links(attention, head, rule, any.source.spans, any.target.spans);
  };
  // to choose by, what this head finds; to report, what nobody can find
  const std::vector<GoldPair> gold = {gold_pair(found(Rule::balanced)), gold_pair({{9, 9}})};
  const auto reports = compare_heads(translator(), gold, {});
  const auto report = std::find_if(reports.begin(), reports.end(),
                                   [&](const HeadReport& each) { return each.head == head; });
  EXPECT_EQ(report->choosing.rate(), 0);
  EXPECT_EQ(report->reporting.rate(), 1);
  EXPECT_EQ(report->all().found, 8);
  EXPECT_EQ(report->plain.found_sure, compare(found(Rule::plain), gold[0].links).found_sure);
  EXPECT_EQ(best_head(reports).choosing.rate(), 0);
}

TEST(HeadAlignment, CountsNamesThatAreTied) {
  const NamedText source_words = find_name(source, "Tom"), target_words = find_name(target, "汤姆");
  const ForcedAttention attention(translator(), source, target);
  const NamedPair pair{source, target, source_words, target_words};
  Index tied = 0;
  for (const HeadReport& report : compare_heads(translator(), {}, {pair, pair})) {
    const Links links =
        head_links(attention, report.head, Rule::balanced, source_words.words, target_words.words);
    EXPECT_EQ(report.names, name_is_tied(links, source_words, target_words) ? 2 : 0);
    tied += report.names;
  }
  EXPECT_GT(tied, 0);   // the heads of a random model differ:
  EXPECT_LT(tied, 30);  // some look at Tom, some do not
}

TEST(HeadAlignment, IsSaidByLayerAndHead) {
  EXPECT_EQ(to_json({2, std::nullopt}).to_string(), R"({"layer":2,"head":null})");
  EXPECT_EQ(to_json({0, 3}).to_string(), R"({"layer":0,"head":3})");
}

TEST(HeadAlignment, ChoosesTheLowestErrorAndTheFirstOfEquals) {
  std::vector<HeadReport> reports(4);
  for (HeadReport& report : reports) report.choosing = {.found = 4, .sure = 4};
  reports[1].choosing.found_sure = reports[2].choosing.found_sure = 3;
  reports[3].reporting = {.found = 1, .sure = 1, .found_sure = 1, .found_permitted = 1};
  EXPECT_EQ(&best_head(reports), &reports[1]);
}

}  // namespace
}  // namespace regard::evaluation
