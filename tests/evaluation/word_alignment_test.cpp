// SPDX-License-Identifier: MIT
#include "evaluation/word_alignment.h"

#include <gtest/gtest.h>

#include "support/numbers.h"
#include "thrown.h"

namespace regard::evaluation {
namespace {

using Pieces = std::vector<text::TextPiece>;
using Spans = std::vector<text::TextSpan>;

Tensor matrix(Index rows, Index columns, const std::vector<float>& values) {
  Tensor result = Tensor::empty({rows, columns});
  std::copy(values.begin(), values.end(), result.data());
  return result;
}

std::vector<float> numbers(const Tensor& tensor) {
  return {tensor.data(), tensor.data() + tensor.count()};
}

TEST(WordAlignment, PlacesWordsInTheirText) {
  EXPECT_EQ(place_words("Tom  runs. ", {"Tom", "runs", "."}, ""), (Spans{{0, 3}, {5, 9}, {9, 10}}));
  EXPECT_EQ(place_words("汤姆跑。", {"汤姆", "跑", "。"}, ""), (Spans{{0, 6}, {6, 9}, {9, 12}}));
  EXPECT_EQ(place_words("", {}, ""), Spans{});
}

TEST(WordAlignment, RefusesWordsThatAreNotTheText) {
  const auto message = [](const std::vector<std::string>& words) {
    return thrown<FormatError>([&] { place_words("Tom runs.", words, "x.tsv:3: "); });
  };
  EXPECT_EQ(message({"Tom", "runs"}),
            "x.tsv:3: \"Tom runs.\": the words leave out \".\", at byte 8");
  EXPECT_EQ(message({"Tom", "ran"}), "x.tsv:3: \"Tom runs.\": there is no \"ran\" at byte 4");
  EXPECT_EQ(message({"Tom", "runs", ".", "!"}),
            "x.tsv:3: \"Tom runs.\": there is no \"!\" at byte 9");
  EXPECT_EQ(message({"Tom", ""}), "x.tsv:3: \"Tom runs.\": there is no \"\" at byte 4");
}

// "unhappy dogs": ▁un happy ▁dogs, then </s>; 不 快乐 狗 from 不 快 乐 的-less pieces.
TEST(WordAlignment, SumsOverTheSourceAndMeansOverTheTarget) {
  const Pieces source{{1, "▁un", 0, 2}, {2, "happy", 2, 7}, {3, "▁dogs", 7, 12}};
  const Spans source_words{{0, 7}, {8, 12}};
  const Pieces target{{4, "▁", 0, 0}, {5, "快", 0, 3}, {6, "乐", 3, 6}, {7, "狗", 6, 9}};
  const Spans target_words{{0, 6}, {6, 9}};
  const Tensor weights = matrix(5, 4, {0,    0,     1,     0,      // of ▁, which is of no word
                                       0.25, 0.25,  0.125, 0.375,  // 快; the last to </s>
                                       0.5,  0.25,  0.25,  0,      // 乐
                                       0,    0.125, 0.75,  0.125,  // 狗
                                       0,    0,     0,     1});    // </s>
  const Tensor words = word_weights(weights, {source, source_words}, {target, target_words});
  EXPECT_EQ(words.shape(), (Shape{2, 2}));
  EXPECT_EQ(numbers(words), (std::vector<float>{0.625, 0.1875, 0.125, 0.75}));
}

// A piece of six bytes: four of one word, two of another.
TEST(WordAlignment, SharesASourcePieceAmongItsWords) {
  const Pieces source{{1, "abcdef", 0, 6}, {2, "g", 6, 7}};
  const Spans source_words{{0, 4}, {4, 7}};
  const Pieces target{{3, "x", 0, 2}};
  const Spans target_words{{0, 1}, {1, 2}, {2, 3}};  // two of the one piece, one of none
  const Tensor words =
      word_weights(matrix(1, 2, {0.75, 0.25}), {source, source_words}, {target, target_words});
  EXPECT_EQ(numbers(words), (std::vector<float>{0.5, 0.5, 0.5, 0.5, 0, 0}));
}

TEST(WordAlignment, WantsAWeightForEachPairOfPieces) {
  const Pieces pieces(3, {1, "a", 0, 1});
  EXPECT_EQ(thrown<ShapeError>([&] {
              word_weights(matrix(2, 3, std::vector<float>(6)), {pieces, {}}, {pieces, {}});
            }),
            "word_weights: weights are (2, 3), expected at least (3, 3)");
}

TEST(WordAlignment, TiesEachTargetWordToItsStrongest) {
  EXPECT_EQ(strongest_links(matrix(3, 2, {0.1f, 0.2f, 0.5f, 0.5f, 0, 0})), (Links{{1, 0}, {0, 1}}));
  EXPECT_EQ(strongest_links(matrix(2, 0, {})), Links{});
}

// The second source word gets much from everyone: balanced, it is only the last one's.
TEST(WordAlignment, BalancesAwayAWordThatAllLookAt) {
  const Tensor weights = matrix(3, 3, {0.375, 0.5, 0, 0.125, 0.5, 0, 0, 1, 0});
  EXPECT_EQ(numbers(balanced(weights)),
            (std::vector<float>{0.75, 0.25, 0, 0.25, 0.25, 0, 0, 0.5, 0}));
  EXPECT_EQ(strongest_links(weights), (Links{{1, 0}, {1, 1}, {1, 2}}));
  EXPECT_EQ(strongest_links(balanced(weights)), (Links{{0, 0}, {0, 1}, {1, 2}}));
}

}  // namespace
}  // namespace regard::evaluation
