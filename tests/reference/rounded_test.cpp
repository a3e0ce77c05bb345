// SPDX-License-Identifier: MIT
#include "reference/rounded.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <vector>

#include "reference/softmax.h"
#include "support/numbers.h"

namespace regard::reference {
namespace {

// fp32 stays within the bound, and the bound is no more than `loose` times what can happen.
void expect_bounded(float computed, const Rounded& exact, double loose) {
  const double unit = Rounded::unit * std::max(std::abs(exact.value), exact.size);
  EXPECT_LE(std::abs(static_cast<double>(computed) - exact.value), exact.error);
  EXPECT_LE(exact.error, loose * unit);
}

TEST(RoundedTest, BoundsASumInAnyOrder) {
  constexpr size_t n = 100;
  std::vector<float> x = testing::numbers(n, 1, 1.0f), y = testing::numbers(n, 2, 1.0f);
  Rounded exact = 0.0;
  for (size_t i = 0; i < n; ++i) {
    exact += Rounded(static_cast<double>(x[i])) * Rounded(static_cast<double>(y[i]));
  }
  float forwards = 0, backwards = 0, sorted = 0;
  std::vector<float> terms;
  for (size_t i = 0; i < n; ++i) {
    forwards += x[i] * y[i];
    backwards += x[n - 1 - i] * y[n - 1 - i];
    terms.push_back(x[i] * y[i]);
  }
  std::sort(terms.begin(), terms.end());
  for (const float term : terms) sorted += term;
  for (const float sum : {forwards, backwards, sorted}) expect_bounded(sum, exact, n + 1);
}

TEST(RoundedTest, BoundsEveryFunction) {
  for (const float x : {0.01f, 0.7f, 3.0f, 20.0f}) {
    const Rounded exact = x;
    expect_bounded(std::exp(-x), exp(-exact), 8);
    expect_bounded(std::log(x), log(exact), 8);
    expect_bounded(std::sqrt(x), sqrt(exact), 8);
    expect_bounded(std::tanh(x), tanh(exact), 8);
    expect_bounded(x / 3.0f, exact / 3.0, 2);
    expect_bounded(x - 0.3f, exact - Rounded(static_cast<double>(0.3f)), 2);
  }
}

// What is off to begin with is carried on by the slope of each step.
TEST(RoundedTest, CarriesErrorsOn) {
  Rounded x = 2.0;
  x.error = 1e-3;
  EXPECT_NEAR((x * 3.0).error, 3e-3, 1e-6);
  EXPECT_NEAR((x + 1.0).error, 1e-3, 1e-6);
  EXPECT_NEAR((1.0 / x).error, 1e-3 / 4, 1e-6);
  EXPECT_NEAR(exp(x).error, 1e-3 * std::exp(2.0), 1e-5);
  EXPECT_NEAR(log(x).error, 1e-3 / 2, 1e-6);
  EXPECT_NEAR(sqrt(x).error, 1e-3 / (2 * std::sqrt(2.0)), 1e-6);
  EXPECT_NEAR(tanh(x).error, 1e-3 / std::pow(std::cosh(2.0), 2.0), 1e-5);
}

TEST(RoundedTest, InfinitiesAreExact) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  EXPECT_EQ((Rounded(-infinity) + 1.0).error, 0.0);
  EXPECT_EQ(exp(Rounded(-infinity)).value, 0.0);
  EXPECT_EQ(exp(Rounded(-infinity)).error, 0.0);
  // keys that are hidden take nothing from the others
  const Vector<Rounded> weights = softmax(Vector<Rounded>{1.0, -infinity, 2.0});
  EXPECT_EQ(weights[1].value, 0.0);
  EXPECT_NEAR(weights[0].value + weights[2].value, 1.0, 1e-15);
}

}  // namespace
}  // namespace regard::reference
