// SPDX-License-Identifier: MIT
#include "kernels/simd.h"

#include <gtest/gtest.h>

#include "support/numbers.h"

namespace regard {
namespace {

using simd::batch;

// The value of a batch function at x, in all lanes.
template <class Function>
float at(const Function& function, float x) {
  float lanes[simd::width];
  simd::store(lanes, function(simd::broadcast(x)));
  for (const float lane : lanes) {
    EXPECT_EQ(std::bit_cast<uint32_t>(lane), std::bit_cast<uint32_t>(lanes[0]));
  }
  return lanes[0];
}

// The largest distance of function from exact over 200,000 points, in units in the last place.
template <class Function, class Exact>
double worst_units(const Function& function, const Exact& exact, float low, float high) {
  constexpr int points = 200000;
  double worst = 0.0;
  for (int i = 0; i <= points; ++i) {
    const float x = low + (high - low) * static_cast<float>(i) / points;
    const double truth = exact(static_cast<double>(x));
    const float near = static_cast<float>(std::abs(truth));
    const double unit = std::nextafter(near, simd::infinity) - near;
    worst = std::max(worst, std::abs(at(function, x) - truth) / unit);
  }
  return worst;
}

TEST(SimdTest, ExpIsWithinItsStatedError) {
  EXPECT_LE(worst_units(simd::exp, [](double x) { return std::exp(x); }, -86.9f, 88.7f), 1.5);
}

TEST(SimdTest, ExpAtTheEndsOfItsRange) {
  const auto exp = [](batch x) { return simd::exp(x); };
  EXPECT_EQ(at(exp, -simd::infinity), 0.0f);
  EXPECT_EQ(at(exp, -1e30f), 0.0f);
  EXPECT_EQ(at(exp, -87.0f), 0.0f);
  EXPECT_EQ(at(exp, 0.0f), 1.0f);
  EXPECT_EQ(at(exp, -0.0f), 1.0f);
  EXPECT_EQ(at(exp, 88.73f), simd::infinity);
  EXPECT_EQ(at(exp, 1e30f), simd::infinity);
  EXPECT_EQ(at(exp, simd::infinity), simd::infinity);
  EXPECT_TRUE(std::isnan(at(exp, std::numeric_limits<float>::quiet_NaN())));
}

TEST(SimdTest, TanhIsWithinItsStatedError) {
  EXPECT_LE(worst_units(simd::tanh, [](double x) { return std::tanh(x); }, -12.0f, 12.0f), 3.0);
  const auto tanh = [](batch x) { return simd::tanh(x); };
  EXPECT_EQ(at(tanh, simd::infinity), 1.0f);
  EXPECT_EQ(at(tanh, -simd::infinity), -1.0f);
  EXPECT_EQ(at(tanh, 1e-20f), 1e-20f);
}

// The polynomial is off by 9.2e-8, 1.6 roundings, and evaluated with as many again, which are up to
// 3.2 units where a unit is smallest.
TEST(SimdTest, Exp2BelowIsAccurate) {
  EXPECT_LE(
      worst_units(simd::exp2_below, [](double y) { return std::exp2(y); }, -125.9f, 0.0f), 3.2);
}

TEST(SimdTest, Exp2BelowAtTheEdges) {
  const auto exp2 = [](batch y) { return simd::exp2_below(y); };
  EXPECT_EQ(at(exp2, 0.0f), 1.0f);
  EXPECT_EQ(at(exp2, -0.0f), 1.0f);
  EXPECT_EQ(at(exp2, -3.0f), 0.125f);
  EXPECT_EQ(at(exp2, -127.0f), 0.0f);
  EXPECT_EQ(at(exp2, -1e30f), 0.0f);
  EXPECT_EQ(at(exp2, -simd::infinity), 0.0f);
  EXPECT_TRUE(std::isnan(at(exp2, std::numeric_limits<float>::quiet_NaN())));
}

TEST(SimdTest, AtLeastKeepsNaN) {
  const auto bounded = [](batch x) { return simd::at_least(x, batch(-1.0f)); };
  EXPECT_EQ(at(bounded, -2.0f), -1.0f);
  EXPECT_EQ(at(bounded, -simd::infinity), -1.0f);
  EXPECT_EQ(at(bounded, 2.0f), 2.0f);
  EXPECT_TRUE(std::isnan(at(bounded, std::numeric_limits<float>::quiet_NaN())));
}

// Three correctly rounded operations after exp's 1.5 units, whose relative size doubles at a power
// of two: 1.5 + 0.5 + 0.5, times 2.
TEST(SimdTest, SigmoidNeverOverflows) {
  const auto sigmoid = [](double x) { return 1.0 / (1.0 + std::exp(-x)); };
  EXPECT_LE(worst_units(simd::sigmoid, sigmoid, -80.0f, 80.0f), 5.0);
  EXPECT_EQ(at(simd::sigmoid, -simd::infinity), 0.0f);
  EXPECT_EQ(at(simd::sigmoid, simd::infinity), 1.0f);
}

TEST(SimdTest, PartsOfABatchTouchNothingElse) {
  for (Index count = 1; count < simd::width; ++count) {
    for (const Index misalignment : testing::misalignments) {
      testing::Guarded from(testing::numbers(count, 1), misalignment);
      testing::Guarded to(count, misalignment);
      const batch value = simd::load(from.data(), simd::Part{count}, 5.0f);
      simd::store(to.data(), value, simd::Part{count});
      testing::expect_same(to.values(), from.values());

      float lanes[simd::width];
      simd::store(lanes, value);
      for (Index i = count; i < simd::width; ++i) EXPECT_EQ(lanes[i], 5.0f);
    }
  }
}

TEST(SimdTest, SweepCoversEachElementOnce) {
  for (const Index n : testing::sizes()) {
    std::vector<int> visits(static_cast<size_t>(n));
    simd::sweep(n, [&](Index begin, auto lanes) {
      Index count = simd::width;
      if constexpr (std::is_same_v<decltype(lanes), simd::Part>) count = lanes.count;
      for (Index i = begin; i < begin + count; ++i) ++visits[static_cast<size_t>(i)];
    });
    EXPECT_EQ(visits, std::vector<int>(static_cast<size_t>(n), 1));
  }
}

TEST(SimdTest, ReductionsTakeEveryLane) {
  float lanes[simd::width];
  for (Index i = 0; i < simd::width; ++i) lanes[i] = static_cast<float>(i + 1);
  EXPECT_EQ(simd::reduce_add(simd::load(lanes)), simd::width * (simd::width + 1) / 2.0f);
  for (Index i = 0; i < simd::width; ++i) {
    std::fill(lanes, lanes + simd::width, -2.0f);
    lanes[i] = -1.0f;
    EXPECT_EQ(simd::reduce_max(simd::load(lanes)), -1.0f) << "lane " << i;
  }
}

}  // namespace
}  // namespace regard
