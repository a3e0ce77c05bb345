// SPDX-License-Identifier: MIT
#include "text/unigram.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <random>
#include <string>

namespace regard::text {
namespace {

using Type = LexiconPiece::Type;

// The score of the best cut of all, by trying every one.
double best_score(const Lexicon& lexicon, const std::string& text, size_t begin = 0) {
  if (begin == text.size()) return 0;
  double best = lexicon.lowest_score() - 10 + best_score(lexicon, text, begin + 1);
  for (size_t size = 1; size <= text.size() - begin; ++size) {
    const Id id = lexicon.pieces().find(text.substr(begin, size));
    if (id < 0) continue;
    best = std::max(best, lexicon[id].score + best_score(lexicon, text, begin + size));
  }
  return best;
}

TEST(UnigramTest, FindsTheBestOfAllCuts) {
  std::mt19937 random(2);
  const auto word = [&](size_t longest) {
    std::string text(1 + random() % longest, ' ');
    for (char& byte : text) byte = static_cast<char>('a' + random() % 3);
    return text;
  };
  for (int model = 0; model < 50; ++model) {
    std::vector<LexiconPiece> pieces{{"<unk>", 0, Type::unknown}};
    for (int i = 0; i < 12; ++i) {
      const std::string text = word(4);
      const bool there = std::any_of(pieces.begin(), pieces.end(),
                                     [&](const LexiconPiece& piece) { return piece.text == text; });
      const float score = -static_cast<float>(random() % 1000) / 100;
      if (!there) pieces.push_back({text, score, Type::normal});
    }
    const Lexicon lexicon(pieces, false, "test");

    for (int i = 0; i < 20; ++i) {
      const std::string text = word(10);
      double score = 0;
      Index end = 0;
      for (const Segment& segment : cut_unigram(lexicon, text)) {
        ASSERT_EQ(segment.begin, end);
        end = segment.end;
        const bool unknown = segment.id == lexicon.unknown();
        score += unknown ? lexicon.lowest_score() - 10 : lexicon[segment.id].score;
      }
      ASSERT_EQ(end, static_cast<Index>(text.size()));
      // ten sums of numbers up to 200, each rounded to 24 bits
      ASSERT_NEAR(score, best_score(lexicon, text), 10 * 200 * 6e-8) << text;
    }
  }
}

TEST(UnigramTest, PrefersTheLongestLastPieceOfEquals) {
  const Lexicon lexicon({{"<unk>", 0, Type::unknown},
                         {"a", -1, Type::normal},
                         {"b", -1, Type::normal},
                         {"ab", -2, Type::normal}},
                        false, "test");
  EXPECT_EQ(cut_unigram(lexicon, "ab").size(), 1u);
  EXPECT_TRUE(cut_unigram(lexicon, "").empty());
}

TEST(UnigramTest, CutsAroundUserDefinedPieces) {
  const Lexicon lexicon({{"<unk>", 0, Type::unknown},
                         {"xab", -0.01f, Type::normal},
                         {"x", -0.02f, Type::normal},
                         {"ab", -99, Type::user_defined}},
                        false, "test");
  // -0.02 + 0.1 beats -0.01
  const Segments segments = cut_unigram(lexicon, "xab");
  ASSERT_EQ(segments.size(), 2u);
  EXPECT_EQ(segments[1].id, 3);
}

// Every cut of a text with its probability without the common factor, by trying every one.
void all_cuts(const Lexicon& lexicon, const std::string& text, double alpha, size_t begin,
              std::string cut, double weight, std::map<std::string, double>& found) {
  if (begin == text.size()) {
    found[cut] += weight;
    return;
  }
  for (size_t size = 1; size <= text.size() - begin; ++size) {
    const Id id = lexicon.pieces().find(text.substr(begin, size));
    if (id < 0) continue;
    all_cuts(lexicon, text, alpha, begin + size, cut + text.substr(begin, size) + " ",
             weight * std::exp(alpha * static_cast<double>(lexicon[id].score)), found);
  }
}

TEST(UnigramTest, DrawsEveryCutAsOftenAsItsProbability) {
  const Lexicon lexicon({{"<unk>", 0, Type::unknown},
                         {"a", -2, Type::normal},
                         {"b", -3, Type::normal},
                         {"ab", -4, Type::normal},
                         {"ba", -3.5f, Type::normal},
                         {"aba", -6, Type::normal}},
                        false, "test");
  const std::string text = "ababa";
  for (const float alpha : {0.1f, 0.5f, 1.0f}) {
    std::map<std::string, double> expected, counted;
    all_cuts(lexicon, text, static_cast<double>(alpha), 0, "", 1, expected);
    double total = 0;
    for (const auto& [cut, weight] : expected) total += weight;

    constexpr int draws = 20'000;
    Random random(9);
    for (int i = 0; i < draws; ++i) {
      std::string cut;
      for (const Segment& segment : sample_unigram(lexicon, text, alpha, random)) {
        cut += text.substr(static_cast<size_t>(segment.begin),
                           static_cast<size_t>(segment.end - segment.begin)) +
               " ";
      }
      ++counted[cut];
    }
    EXPECT_EQ(counted.size(), expected.size());
    for (const auto& [cut, weight] : expected) {
      const double p = weight / total;
      // five standard deviations of a count
      EXPECT_NEAR(counted[cut], draws * p, 5 * std::sqrt(draws * p * (1 - p))) << cut << alpha;
    }
  }
}

TEST(UnigramTest, DrawsTheBestCutWhereAlphaIsLarge) {
  const Lexicon lexicon({{"<unk>", 0, Type::unknown},
                         {"a", -2, Type::normal},
                         {"ab", -4, Type::normal},
                         {"ba", -3.5f, Type::normal}},
                        false, "test");
  Random random(1);
  const auto ids = [](const Segments& segments) {
    Ids found;
    for (const Segment& segment : segments) found.push_back(segment.id);
    return found;
  };
  for (int i = 0; i < 50; ++i) {
    // "x" is unknown, and so is the "b" of no piece
    EXPECT_EQ(ids(sample_unigram(lexicon, "xabab", 50, random)),
              ids(cut_unigram(lexicon, "xabab")));
  }
  EXPECT_TRUE(sample_unigram(lexicon, "", 0.1f, random).empty());
}

}  // namespace
}  // namespace regard::text
