// SPDX-License-Identifier: MIT
#include "decoding/top_candidates.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <tuple>

#include "tensor/random.h"

namespace regard::decoding {
namespace {

constexpr float nan = std::numeric_limits<float>::quiet_NaN();
constexpr float infinity = std::numeric_limits<float>::infinity();

// Few different values, so that many are equal; some of them cannot be taken.
std::vector<float> values_with_ties(Index count, Random& random) {
  std::vector<float> values;
  for (Index i = 0; i < count; ++i) {
    const uint64_t kind = random.below(40);
    values.push_back(kind == 0   ? nan
                     : kind == 1 ? -infinity
                                 : static_cast<float>(random.below(100)) - 50);
  }
  return values;
}

TEST(TopCandidates, AreTheFirstOfASort) {
  Random random(1);
  for (Index vocabulary : {1, 2, 63, 64, 65, 128, 200, 1000}) {
    for (Index count : {1, 2, 8, 33}) {
      TopCandidates top(count);
      for (int round = 0; round < 3; ++round) {
        top.clear();
        std::vector<Candidate> expected;
        for (Index row = 0; row < 3; ++row) {
          const auto base = -static_cast<float>(random.below(8));
          const auto values = values_with_ties(vocabulary, random);
          const auto total = static_cast<float>(random.below(3));
          top.offer(row, base, values.data(), total, vocabulary);
          for (Index i = 0; i < vocabulary; ++i) {
            const float score = base + (values[static_cast<size_t>(i)] - total);
            if (score > -infinity) expected.push_back({score, row, static_cast<Id>(i)});
          }
        }
        std::sort(expected.begin(), expected.end(), [](const Candidate& a, const Candidate& b) {
          return std::tuple(-a.score, a.row, a.token) < std::tuple(-b.score, b.row, b.token);
        });
        expected.resize(std::min(expected.size(), static_cast<size_t>(count)));
        ASSERT_EQ(top.best().size(), expected.size());
        for (size_t i = 0; i < expected.size(); ++i) {
          EXPECT_EQ(top.best()[i].score, expected[i].score);
          EXPECT_EQ(top.best()[i].row, expected[i].row);
          EXPECT_EQ(top.best()[i].token, expected[i].token);
        }
      }
    }
  }
}

TEST(TopCandidates, TakeNothingImpossible) {
  TopCandidates top(4);
  const std::vector<float> nothing(100, -infinity), broken(100, nan);
  top.offer(0, 0, nothing.data(), 0, 100);
  top.offer(1, 0, broken.data(), 0, 100);
  EXPECT_TRUE(top.best().empty());
  EXPECT_EQ(first_greatest(nothing.data(), 100), -1);
  EXPECT_EQ(first_greatest(broken.data(), 100), -1);
  EXPECT_EQ(first_greatest(broken.data(), 0), -1);
}

TEST(TopCandidates, FirstGreatestIsTheFirst) {
  Random random(2);
  for (Index count : {1, 63, 64, 65, 640, 1001}) {
    const auto values = values_with_ties(count, random);
    const Index found = first_greatest(values.data(), count);
    Index expected = -1;
    for (Index i = 0; i < count; ++i) {
      const float best = expected < 0 ? -infinity : values[static_cast<size_t>(expected)];
      if (values[static_cast<size_t>(i)] > best) expected = i;
    }
    EXPECT_EQ(found, expected);
  }
}

}  // namespace
}  // namespace regard::decoding
