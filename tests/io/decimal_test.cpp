// SPDX-License-Identifier: MIT
#include "io/decimal.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "tensor/random.h"

namespace regard::io {
namespace {

// The same bits as C reads, the sign of zero included.
void expect_as_c(const std::string& text) {
  EXPECT_EQ(std::bit_cast<uint64_t>(read_decimal(text)),
            std::bit_cast<uint64_t>(std::strtod(text.c_str(), nullptr)))
      << text;
}

TEST(Decimal, ReadsWhatConfigurationsHold) {
  for (const char* text : {"0", "-0", "0.0", "-0.0e9", "1", "0.1", "0.02", "1e-05", "1E+2", "-3.25",
                           "1.000", "0.000123", "9007199254740993", "18446744073709551616"}) {
    expect_as_c(text);
  }
}

TEST(Decimal, RoundsAtTheEdges) {
  for (const char* text :
       {"1.7976931348623157e308", "1.7976931348623158e308", "1.7976931348623159e308", "1.8e308",
        "1e309", "1e400", "-1e999999999999", "2.2250738585072014e-308", "2.2250738585072011e-308",
        "5e-324", "4.9e-324", "2.4703282292062327e-324", "2.4703282292062328e-324", "2e-324",
        "1e-400", "0e999999999", "9007199254740992.5", "9007199254740993.000000000000000000001"}) {
    expect_as_c(text);
  }
}

TEST(Decimal, RoundsByDigitsFarBehind) {
  // 1 + 2^-53, the middle of two doubles: even below, up with anything after it
  const std::string middle = "1.00000000000000011102230246251565404236316680908203125";
  expect_as_c(middle);
  expect_as_c(middle + std::string(900, '0'));
  expect_as_c(middle + std::string(900, '0') + "1");
  expect_as_c(std::string(900, '1'));
  expect_as_c("0." + std::string(310, '0') + std::string(900, '7'));
  expect_as_c(std::string(300, '9') + "." + std::string(900, '9') + "e-200");
}

TEST(Decimal, ReadsRandomBitsAndRandomDigits) {
  Random random(7);
  for (int i = 0; i < 20000; ++i) {
    const double number = std::bit_cast<double>(random.bits());
    if (!std::isfinite(number)) continue;
    char text[64];
    for (const char* format : {"%.17g", "%.16g", "%.3g", "%.30e"}) {
      std::snprintf(text, sizeof text, format, number);
      expect_as_c(text);
    }
    std::snprintf(text, sizeof text, "%llu.%llue%d",
                  static_cast<unsigned long long>(random.bits() >> random.below(64)),
                  static_cast<unsigned long long>(random.bits()),
                  static_cast<int>(random.below(700)) - 350);
    expect_as_c(text);
  }
}

}  // namespace
}  // namespace regard::io
