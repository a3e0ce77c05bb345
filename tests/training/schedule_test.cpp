// SPDX-License-Identifier: MIT
#include "training/schedule.h"

#include <gtest/gtest.h>

namespace regard::training {
namespace {

TEST(Schedule, RisesToItsPeakAndFallsWithTheRoot) {
  const Schedule schedule{.peak = 0.8f, .warmup = 100};
  EXPECT_FLOAT_EQ(schedule.rate(1), 0.008f);
  EXPECT_FLOAT_EQ(schedule.rate(50), 0.4f);
  EXPECT_FLOAT_EQ(schedule.rate(100), 0.8f);
  EXPECT_FLOAT_EQ(schedule.rate(400), 0.4f);
  EXPECT_FLOAT_EQ(schedule.rate(1600), 0.2f);
}

TEST(Schedule, CoolsDownToZeroAfterTheLastStep) {
  const Schedule plain{.peak = 1.0f, .warmup = 10};
  const Schedule cooled{.peak = 1.0f, .warmup = 10, .steps = 100, .cooldown = 50};
  EXPECT_FLOAT_EQ(cooled.rate(51), plain.rate(51));
  EXPECT_FLOAT_EQ(cooled.rate(76), plain.rate(76) / 2);
  EXPECT_FLOAT_EQ(cooled.rate(100), plain.rate(100) / 50);
  EXPECT_FLOAT_EQ(cooled.rate(101), 0);
}

// Vaswani et al. 2017, eq. 3: M^-0.5 min(step^-0.5, step warmup^-1.5), whose peak is
// (M warmup)^-0.5.
TEST(Schedule, IsThatOfTheTransformer) {
  const double M = 512, warmup = 4000;
  const Schedule schedule{.peak = static_cast<float>(1 / std::sqrt(M * warmup)), .warmup = 4000};
  for (const double step : {1.0, 100.0, 4000.0, 4001.0, 100000.0}) {
    const double expected =
        std::min(1 / std::sqrt(step), step * std::pow(warmup, -1.5)) / std::sqrt(M);
    // A rate is rounded twice to fp32: the peak's and its own.
    EXPECT_NEAR(static_cast<double>(schedule.rate(static_cast<Index>(step))), expected,
                2e-7 * expected);
  }
}

}  // namespace
}  // namespace regard::training
