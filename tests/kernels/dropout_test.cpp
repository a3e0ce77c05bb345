// SPDX-License-Identifier: MIT
#include "kernels/dropout.h"

#include "reference/dropout.h"
#include "support/gradient.h"
#include "support/numbers.h"

namespace regard {
namespace {

using reference::Dual;
using testing::Guarded;

constexpr uint64_t seed = 0x123456789abcdef0u;

// Which of n elements stay, read off dropout of ones.
std::vector<bool> kept(Index n, float p, uint64_t by) {
  std::vector<float> ones(static_cast<size_t>(n), 1.0f), y(ones.size());
  kernels::dropout(ones.data(), y.data(), n, p, by);
  std::vector<bool> result;
  for (const float value : y) result.push_back(value != 0.0f);
  return result;
}

// How often two masks agree, in standard deviations from what independence gives.
double agreement(const std::vector<bool>& a, const std::vector<bool>& b, double p) {
  const double n = static_cast<double>(a.size());
  double same = 0;
  for (size_t i = 0; i < a.size(); ++i) same += a[i] == b[i];
  const double q = p * p + (1 - p) * (1 - p);
  return (same - n * q) / std::sqrt(n * q * (1 - q));
}

TEST(DropoutTest, AgreesWithTheReference) {
  for (const Index n : testing::sizes()) {
    for (const Index misalignment : testing::misalignments) {
      Guarded x(testing::numbers(n, 31), misalignment), y(n, misalignment);
      Guarded residual(testing::numbers(n, 32), misalignment), sum(n);
      kernels::dropout(x.data(), y.data(), n, 0.3f, seed);
      auto expected = reference::dropout(testing::widened(x.values()), kept(n, 0.3f, seed),
                                         static_cast<double>(0.3f));
      // 1 - p, its inverse and the product: three roundings
      testing::expect_close(y.values(), expected, 3.0);

      kernels::dropout_add(x.data(), residual.data(), sum.data(), n, 0.3f, seed);
      for (Index i = 0; i < n; ++i) {
        EXPECT_EQ(sum.data()[i], residual.data()[i] + y.data()[i]);
      }
      kernels::dropout(x.data(), x.data(), n, 0.3f, seed);
      testing::expect_same(x.values(), y.values(), "in place");
    }
  }
}

TEST(DropoutTest, BackwardAddsTheGradient) {
  for (const Index n : testing::sizes()) {
    const auto before = testing::numbers(n, 33);
    Guarded x(testing::numbers(n, 34)), dy(testing::numbers(n, 35), 1), dx(before, 3);
    kernels::dropout_backward(dy.data(), dx.data(), n, 0.3f, seed);
    const auto mask = kept(n, 0.3f, seed);
    const auto weights = testing::widened(dy.values());
    auto expected =
        testing::gradient(testing::widened(x.values()), [&](const std::vector<Dual>& point) {
          return testing::weighted_sum(reference::dropout(point, mask, static_cast<double>(0.3f)),
                                       weights);
        });
    for (size_t i = 0; i < before.size(); ++i) expected[i] += static_cast<double>(before[i]);
    testing::expect_gradient(dx.values(), expected);
  }
}

TEST(DropoutTest, WithoutProbabilityNothingChanges) {
  Guarded x(testing::numbers(100, 36)), y(100);
  kernels::dropout(x.data(), y.data(), 100, 0.0f, seed);
  testing::expect_same(y.values(), x.values());
}

// An element's fate depends on the seed and its place alone: not on how many follow.
TEST(DropoutTest, DecisionsDoNotDependOnTheLength) {
  const auto many = kept(1000, 0.5f, seed);
  for (const Index n : testing::sizes()) {
    EXPECT_EQ(kept(n, 0.5f, seed), std::vector<bool>(many.begin(), many.begin() + n));
  }
}

// A hundred thousand decisions, all within five standard deviations of what chance gives: their
// share, neighbours at several distances, and those of seeds that differ by one bit. The seeds are
// fixed, so the outcome is too.
TEST(DropoutTest, DecisionsLookIndependent) {
  constexpr Index n = 100000;
  for (const float p : {0.1f, 0.3f, 0.5f, 0.9f}) {
    const double exact_p = static_cast<double>(p);
    const auto mask = kept(n, p, seed);
    const double share = static_cast<double>(std::count(mask.begin(), mask.end(), true)) / n;
    EXPECT_NEAR(share, 1 - exact_p, 5 * std::sqrt(exact_p * (1 - exact_p) / n)) << p;

    for (const Index distance : {1, 2, 4, 16, 256, 1024}) {
      const std::vector<bool> first(mask.begin(), mask.end() - distance);
      const std::vector<bool> second(mask.begin() + distance, mask.end());
      EXPECT_LT(std::abs(agreement(first, second, exact_p)), 5.0) << p << " at " << distance;
    }
    for (const uint64_t bit : {0, 1, 31, 32, 63}) {
      const auto other = kept(n, p, seed ^ (uint64_t{1} << bit));
      EXPECT_LT(std::abs(agreement(mask, other, exact_p)), 5.0) << p << " bit " << bit;
    }
  }
}

// Words are numbered by place ^ (half of the mixed seed). Of two seeds whose halves lie close, one
// would give the other's decisions in another order, were there not the other half.
TEST(DropoutTest, TwoSeedsAreNotOneSequenceInTwoOrders) {
  constexpr Index n = 1 << 17;
  uint64_t other = 1;
  const auto distance = [&] { return static_cast<uint32_t>(mix(seed) ^ mix(other)); };
  while (distance() >= n) ++other;

  const auto mask = kept(n, 0.5f, seed), mask_of_other = kept(n, 0.5f, other);
  std::vector<bool> reordered;
  for (uint32_t i = 0; i < n; ++i) reordered.push_back(mask_of_other[i ^ distance()]);
  EXPECT_LT(std::abs(agreement(mask, reordered, 0.5)), 5.0);
}

}  // namespace
}  // namespace regard
