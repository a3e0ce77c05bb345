// SPDX-License-Identifier: MIT
#include "evaluation/alignment_error.h"

#include <gtest/gtest.h>

namespace regard::evaluation {
namespace {

const GoldLinks gold{.sure = {{0, 0}, {1, 2}}, .possible = {{2, 2}, {2, 1}}};

TEST(AlignmentError, IsZeroForSureLinksWithOrWithoutPossibleOnes) {
  EXPECT_EQ(compare(gold.sure, gold).rate(), 0);
  EXPECT_EQ(compare({{0, 0}, {1, 2}, {2, 1}}, gold).rate(), 0);
}

// |A| = 3, |S| = 2, |A ∩ S| = 1, |A ∩ P| = 2: 1 - (1 + 2) / (3 + 2)
TEST(AlignmentError, IsWhatItsFormulaSays) {
  const AlignmentError error = compare({{0, 0}, {2, 2}, {1, 0}}, gold);
  EXPECT_EQ(error.found, 3);
  EXPECT_EQ(error.sure, 2);
  EXPECT_EQ(error.found_sure, 1);
  EXPECT_EQ(error.found_permitted, 2);
  EXPECT_DOUBLE_EQ(error.rate(), 0.4);
  EXPECT_DOUBLE_EQ(error.precision(), 2.0 / 3);
  EXPECT_DOUBLE_EQ(error.recall(), 0.5);
}

TEST(AlignmentError, AddsUpOverSentencesAndCountsALinkOnce) {
  AlignmentError sum = compare({{0, 0}, {0, 0}}, gold);
  EXPECT_EQ(sum.found, 1);
  sum += compare({{5, 5}}, gold);
  EXPECT_DOUBLE_EQ(sum.rate(), 1 - 2.0 / 6);
}

TEST(AlignmentError, OfNothingFoundIsOneAndOfNothingAtAllIsZero) {
  EXPECT_EQ(compare({}, gold).rate(), 1);
  EXPECT_EQ(compare({}, gold).precision(), 1);
  EXPECT_EQ(compare({}, {}).rate(), 0);
  EXPECT_EQ(compare({}, {}).recall(), 1);
}

}  // namespace
}  // namespace regard::evaluation
