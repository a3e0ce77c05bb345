// SPDX-License-Identifier: MIT
#include "kernels/threshold.h"

#include "support/numbers.h"

namespace regard {
namespace {

using testing::Guarded;

TEST(FirstAboveTest, IsTheFirst) {
  constexpr kernels::Threshold threshold{.base = -0.5f, .shift = 0.25f, .bound = 1.0f};
  for (Index n = 0; n <= 9 * simd::width + 1; ++n) {
    Guarded x(testing::numbers(n, 71), n % 4);
    for (Index begin = 0; begin <= n; begin += 3) {
      Index expected = begin;
      while (expected < n && !(-0.5f + (x.data()[expected] - 0.25f) > 1.0f)) ++expected;
      EXPECT_EQ(kernels::first_above(threshold, x.data(), begin, n), expected);
    }
  }
}

TEST(FirstAboveTest, NeitherNaNNorTheBoundItselfIsAbove) {
  const Index n = 8 * simd::width + 3;
  Guarded x(n);
  for (Index i = 0; i < n; ++i) {
    x.data()[i] = i % 2 ? 2.0f : std::numeric_limits<float>::quiet_NaN();
  }
  EXPECT_EQ(kernels::first_above({.bound = 2.0f}, x.data(), 0, n), n);
  EXPECT_EQ(kernels::first_above({.bound = 1.0f}, x.data(), 0, n), 1);
  x.data()[n - 2] = 3.0f;
  EXPECT_EQ(kernels::first_above({.bound = 2.0f}, x.data(), 0, n), n - 2);
}

TEST(FirstAboveTest, NothingIsAboveInfinityAndAllNumbersAboveMinusInfinity) {
  Guarded x(testing::numbers(5, 72));
  EXPECT_EQ(kernels::first_above({.bound = simd::infinity}, x.data(), 0, 5), 5);
  EXPECT_EQ(kernels::first_above({.bound = -simd::infinity}, x.data(), 2, 5), 2);
  x.data()[2] = -simd::infinity;
  EXPECT_EQ(kernels::first_above({.bound = -simd::infinity}, x.data(), 2, 5), 3);
}

}  // namespace
}  // namespace regard
