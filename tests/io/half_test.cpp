// SPDX-License-Identifier: MIT
#include "io/half.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace regard::io {
namespace {

// The definition of IEEE 754 binary16: 1 sign, 5 exponent and 10 fraction bits, bias 15.
double value_of_half(uint16_t half) {
  const int exponent = half >> 10 & 31, fraction = half & 1023;
  const double sign = half & 0x8000 ? -1 : 1;
  if (exponent == 31) return fraction ? std::nan("") : sign * HUGE_VAL;
  if (exponent == 0) return sign * std::ldexp(fraction, -24);
  return sign * std::ldexp(1024 + fraction, exponent - 25);
}

TEST(HalfTest, EveryHalfHasItsValueAndReturns) {
  for (int bits = 0; bits < 65536; ++bits) {
    const uint16_t half = static_cast<uint16_t>(bits);
    const double expected = value_of_half(half);
    const float actual = from_half(half);
    if (std::isnan(expected)) {
      ASSERT_TRUE(std::isnan(actual)) << bits;
      ASSERT_TRUE(std::isnan(from_half(to_half(actual)))) << bits;
    } else {
      ASSERT_EQ(actual, expected) << bits;
      ASSERT_EQ(std::signbit(actual), bits >= 0x8000) << bits;
      ASSERT_EQ(to_half(actual), half) << bits;
    }
  }
}

// Between two neighbours lies one tie. It goes to the even one, everything nearer to its nearest.
TEST(HalfTest, RoundsToTheNearestAndTiesToEven) {
  for (uint16_t low = 0; low < 0x7c00; ++low) {
    const uint16_t high = low + 1, even = low & 1 ? high : low;
    // Above the largest half the next one would be 65536: from its tie on there is only infinity.
    const double upper = high == 0x7c00 ? 65536 : value_of_half(high);
    const float tie = static_cast<float>((value_of_half(low) + upper) / 2);
    ASSERT_EQ(to_half(tie), even) << low;
    ASSERT_EQ(to_half(std::nextafter(tie, 0.0f)), low) << low;
    ASSERT_EQ(to_half(std::nextafter(tie, 1e9f)), high) << low;
    ASSERT_EQ(to_half(-tie), even | 0x8000) << low;
  }
  EXPECT_EQ(to_half(std::numeric_limits<float>::max()), 0x7c00);
  EXPECT_EQ(to_half(std::numeric_limits<float>::denorm_min()), 0);
  EXPECT_EQ(to_half(-0.0f), 0x8000);
}

TEST(BfloatTest, EveryBfloatReturns) {
  for (int bits = 0; bits < 65536; ++bits) {
    const uint16_t bfloat = static_cast<uint16_t>(bits);
    const float value = from_bfloat(bfloat);
    ASSERT_EQ(std::bit_cast<uint32_t>(value), static_cast<uint32_t>(bits) << 16);
    if (std::isnan(value)) {
      ASSERT_TRUE(std::isnan(from_bfloat(to_bfloat(value)))) << bits;
    } else {
      ASSERT_EQ(to_bfloat(value), bfloat) << bits;
    }
  }
}

TEST(BfloatTest, RoundsToTheNearestAndTiesToEven) {
  for (uint32_t low = 0; low < 0x7f80; ++low) {
    const uint32_t tie = low << 16 | 0x8000;
    const auto rounded = [](uint32_t bits) { return to_bfloat(std::bit_cast<float>(bits)); };
    ASSERT_EQ(rounded(tie), low + (low & 1)) << low;
    ASSERT_EQ(rounded(tie - 1), low) << low;
    ASSERT_EQ(rounded(tie + 1), low + 1) << low;
    ASSERT_EQ(rounded(tie | 0x80000000u), (low + (low & 1)) | 0x8000) << low;
  }
}

// A NaN whose payload lies in the digits that are cut off must not become an infinity.
TEST(BfloatTest, NanStaysNan) {
  const float nan = std::bit_cast<float>(0x7f800001u);
  EXPECT_TRUE(std::isnan(from_bfloat(to_bfloat(nan))));
  EXPECT_TRUE(std::isnan(from_half(to_half(nan))));
}

}  // namespace
}  // namespace regard::io
