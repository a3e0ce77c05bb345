// SPDX-License-Identifier: MIT
#include "decoding/batches.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tensor/random.h"

namespace regard::decoding {
namespace {

TEST(Batches, HoldEverySentenceOnceAndAreBounded) {
  Random random(3);
  for (Index longest : {1, 40, 700}) {
    std::vector<Index> lengths(500);
    for (Index& length : lengths)
      length = static_cast<Index>(random.below(static_cast<uint64_t>(longest) + 1));
    for (Index beams : {1, 4, 64, 200}) {
      for (bool attention : {false, true}) {
        std::vector<int> seen(lengths.size());
        Index before = 0;
        for (const Batch& batch : plan_batches(lengths, beams, attention)) {
          const auto count = static_cast<Index>(batch.size());
          for (size_t place : batch) {
            ++seen[place];
            EXPECT_GE(lengths[place], before);
            before = lengths[place];
          }
          ASSERT_GE(count, 1);
          if (count == 1) continue;
          EXPECT_LE(count * beams, 128);
          EXPECT_LE(count * before, 4096);
          if (attention) {
            EXPECT_LE(count * before * before, 512 * 512);
          }
        }
        for (size_t place = 0; place < lengths.size(); ++place) {
          EXPECT_EQ(seen[place], lengths[place] > 0 ? 1 : 0);
        }
      }
    }
  }
}

TEST(Batches, AreAsFewAsTheBoundsAllow) {
  EXPECT_EQ(plan_batches({5, 0, 3, 5, 1}, 4, true), (std::vector<Batch>{{4, 2, 0, 3}}));
  EXPECT_EQ(plan_batches(std::vector<Index>(64, 10), 4, false).size(), 2u);
  EXPECT_EQ(plan_batches(std::vector<Index>(64, 512), 1, false).size(), 8u);
  EXPECT_EQ(plan_batches(std::vector<Index>(64, 512), 1, true).size(), 64u);
  EXPECT_TRUE(plan_batches({}, 4, false).empty());
}

}  // namespace
}  // namespace regard::decoding
