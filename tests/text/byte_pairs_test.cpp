// SPDX-License-Identifier: MIT
#include "text/byte_pairs.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>

namespace regard::text {
namespace {

using Type = LexiconPiece::Type;

// The same by looking at all neighbours in every round.
std::vector<std::string> joined_slowly(const Lexicon& lexicon, const std::string& text) {
  std::vector<std::string> parts;
  for (const char letter : text) parts.emplace_back(1, letter);
  for (;;) {
    size_t best = parts.size();
    float best_score = 0;
    for (size_t i = 0; i + 1 < parts.size(); ++i) {
      const Id id = lexicon.pieces().find(parts[i] + parts[i + 1]);
      if (id < 0 || (best < parts.size() && lexicon[id].score <= best_score)) continue;
      best = i;
      best_score = lexicon[id].score;
    }
    if (best == parts.size()) return parts;
    parts[best] += parts[best + 1];
    parts.erase(parts.begin() + static_cast<Index>(best) + 1);
  }
}

TEST(BytePairsTest, JoinsTheBestNeighboursFirst) {
  std::mt19937 random(3);
  const auto word = [&](size_t shortest, size_t longest) {
    std::string text(shortest + random() % (longest - shortest + 1), ' ');
    for (char& byte : text) byte = static_cast<char>('a' + random() % 3);
    return text;
  };
  for (int model = 0; model < 50; ++model) {
    std::vector<LexiconPiece> pieces{{"<unk>", 0, Type::unknown}};
    for (int i = 0; i < 15; ++i) {
      const std::string text = word(2, 4);
      const bool there = std::any_of(pieces.begin(), pieces.end(),
                                     [&](const LexiconPiece& piece) { return piece.text == text; });
      // few scores, so that there are ties
      if (!there) pieces.push_back({text, -static_cast<float>(random() % 8), Type::normal});
    }
    const Lexicon lexicon(pieces, false, "test");

    for (int i = 0; i < 20; ++i) {
      const std::string text = word(1, 30);
      std::vector<std::string> parts;
      for (const auto& [begin, end, id] : cut_byte_pairs(lexicon, text)) {
        parts.push_back(text.substr(static_cast<size_t>(begin), static_cast<size_t>(end - begin)));
        const Id expected = lexicon.pieces().find(parts.back());
        ASSERT_EQ(id, expected < 0 ? lexicon.unknown() : expected);
      }
      ASSERT_EQ(parts, joined_slowly(lexicon, text)) << text;
    }
  }
}

TEST(BytePairsTest, TakesUnusedPiecesApart) {
  const Lexicon lexicon({{"<unk>", 0, Type::unknown},
                         {"a", -9, Type::normal},
                         {"b", -9, Type::normal},
                         {"c", -9, Type::unused},
                         {"ab", 0, Type::unused},
                         {"abc", -1, Type::normal}},
                        false, "test");
  EXPECT_EQ(cut_byte_pairs(lexicon, "abc").size(), 1u);
  EXPECT_EQ(cut_byte_pairs(lexicon, "abab").size(), 4u);
  EXPECT_EQ(cut_byte_pairs(lexicon, "c").front().id, lexicon.unknown());
  EXPECT_TRUE(cut_byte_pairs(lexicon, "").empty());
}

}  // namespace
}  // namespace regard::text
