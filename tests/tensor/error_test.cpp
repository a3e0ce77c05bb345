// SPDX-License-Identifier: MIT
#include "tensor/error.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <limits>

#include "tensor/random.h"
#include "tensor/shape.h"

namespace regard {
namespace {

TEST(Message, PutsTextsNumbersAndShapesTogether) {
  const std::string owned = "owned";
  EXPECT_EQ(message({"a ", owned, std::string_view(" view "), Shape{2, 3}, " ", 7, " ", -8}),
            "a owned view (2, 3) 7 -8");
  EXPECT_EQ(message({}), "");
}

TEST(Message, PrintsTheLeastAndTheLargestWholeNumber) {
  EXPECT_EQ(message({std::numeric_limits<int64_t>::min()}), "-9223372036854775808");
  EXPECT_EQ(message({std::numeric_limits<uint64_t>::max()}), "18446744073709551615");
  EXPECT_EQ(message({0, " ", 10u, " ", size_t{100}}), "0 10 100");
}

std::string printed(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%g", value);
  std::string whole = text;
  // C pads an exponent to two digits and puts a plus before it
  if (const size_t e = whole.find('e'); e != std::string::npos) {
    std::string exponent = std::to_string(std::stoi(whole.substr(e + 1)));
    whole = whole.substr(0, e + 1) + exponent;
  }
  return whole;
}

TEST(Message, PrintsNumbersWithSixDigitsAsCDoes) {
  for (const double value :
       {0.0, -0.0, 1.0, 0.1, -1.5, 10.0, 123456.0, 1234567.0, 999999.4, 999999.6, 0.0001, 0.00001,
        0.000123456789, 1e20, 1e-20, 1e300, 3.14159265358979}) {
    EXPECT_EQ(message({value}), printed(value));
    EXPECT_EQ(message({static_cast<float>(value) * 1.5f}),
              printed(static_cast<double>(static_cast<float>(value) * 1.5f)));
  }
  EXPECT_EQ(message({std::nan(""), " ", INFINITY, " ", -INFINITY}), "nan inf -inf");
}

// Random ones, where rounding to six digits is no tie that the running division could turn.
TEST(Message, PrintsNumbersOfEverySize) {
  Random random(1);
  for (int i = 0; i < 2000; ++i) {
    const double value = (random.uniform() - 0.5) * std::pow(10.0, 60.0 * random.uniform() - 30.0);
    EXPECT_EQ(message({value}), printed(value));
  }
}

TEST(Error, TakesItsMessageInPhrases) {
  const ShapeError error("attention: keys are ", Shape{2, 9}, ", expected ", Shape{2, 7});
  EXPECT_STREQ(error.what(), "attention: keys are (2, 9), expected (2, 7)");
  EXPECT_STREQ(error.name(), "ShapeError");
  const Error& copy = ShapeError(error);
  EXPECT_STREQ(copy.what(), error.what());
}

}  // namespace
}  // namespace regard
