// SPDX-License-Identifier: MIT
#include "training/batches.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tensor/random.h"

namespace regard::training {
namespace {

std::vector<Pair> random_pairs(size_t count) {
  Random random(5);
  std::vector<Pair> pairs(count);
  for (Pair& pair : pairs) {
    for (Ids* side : {&pair.source, &pair.target}) {
      for (uint64_t i = random.below(20); i > 0; --i)
        side->push_back(static_cast<Id>(2 + random.below(9)));
      side->push_back(0);
    }
  }
  return pairs;
}

TEST(Batches, HoldEveryPairOnceWithinTheirSize) {
  const auto pairs = random_pairs(500);
  constexpr Index tokens = 128;
  std::vector<size_t> seen;
  for (const auto& rows : plan_batches(pairs, tokens, 1)) {
    size_t longest = 0;
    for (const size_t row : rows) {
      longest = std::max({longest, pairs[row].source.size(), pairs[row].target.size()});
    }
    EXPECT_LE(longest * rows.size(), static_cast<size_t>(tokens));
    seen.insert(seen.end(), rows.begin(), rows.end());
  }
  std::sort(seen.begin(), seen.end());
  ASSERT_EQ(seen.size(), pairs.size());
  for (size_t i = 0; i < seen.size(); ++i) EXPECT_EQ(seen[i], i);
}

TEST(Batches, ArePlannedAlikeForASeedAndOtherwiseForAnother) {
  const auto pairs = random_pairs(200);
  EXPECT_EQ(plan_batches(pairs, 100, 1), plan_batches(pairs, 100, 1));
  EXPECT_NE(plan_batches(pairs, 100, 1), plan_batches(pairs, 100, 2));
}

TEST(Batches, TakeAPairThatIsLongerThanABatch) {
  const std::vector<Pair> pairs = {{Ids(50, 3), Ids(40, 3)}, {{3, 0}, {4, 0}}};
  const auto plan = plan_batches(pairs, 10, 1);
  EXPECT_EQ(plan.size(), 2u);
}

TEST(Batches, ShiftTheTargetAndPadBothSides) {
  const std::vector<Pair> pairs = {{{5, 6, 0}, {7, 0}}, {{8, 0}, {9, 10, 11, 0}}};
  const Batch batch = make_batch(pairs, {0, 1}, 99, 98);
  EXPECT_EQ(batch.B, 2);
  EXPECT_EQ(batch.source, (Ids{5, 6, 0, 8, 0, 99}));
  EXPECT_EQ(batch.source_lengths, (std::vector<Index>{3, 2}));
  EXPECT_EQ(batch.target_input, (Ids{98, 7, 99, 99, 98, 9, 10, 11}));
  EXPECT_EQ(batch.target_output, (Ids{7, 0, 99, 99, 9, 10, 11, 0}));
  EXPECT_EQ(batch.source_tokens, 5);
  EXPECT_EQ(batch.target_tokens, 6);
}

}  // namespace
}  // namespace regard::training
