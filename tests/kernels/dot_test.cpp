// SPDX-License-Identifier: MIT
#include "kernels/dot.h"

#include "support/numbers.h"

namespace regard {
namespace {

using testing::Guarded;

TEST(DotTest, AgreesWithDouble) {
  for (const Index n : testing::sizes()) {
    for (const Index misalignment : testing::misalignments) {
      Guarded x(testing::numbers(n, 81), misalignment), y(testing::numbers(n, 82));
      double expected = 0.0, size = 0.0;
      for (size_t i = 0; i < x.values().size(); ++i) {
        const double term = static_cast<double>(x.values()[i]) * y.values()[i];
        expected += term;
        size += std::abs(term);
      }
      // n products and n additions at most, one rounding each
      EXPECT_NEAR(kernels::dot(x.data(), y.data(), n), expected,
                  static_cast<double>(n + 1) * testing::rounding * size);
    }
  }
}

TEST(WeightedSumTest, AgreesWithDouble) {
  constexpr Index count = 5;
  for (const Index n : testing::sizes()) {
    const auto weights = testing::numbers(count, 83);
    Guarded storage(testing::numbers(count * (n + 3), 84), n % 4), out(n, 1);
    std::vector<const float*> rows;
    // in another order than they lie
    for (Index s = 0; s < count; ++s) rows.push_back(storage.data() + (s * 3 % count) * (n + 3));
    kernels::weighted_sum(weights.data(), rows.data(), count, out.data(), n);

    std::vector<double> expected(static_cast<size_t>(n)), size(expected.size());
    for (size_t s = 0; s < rows.size(); ++s) {
      for (size_t i = 0; i < expected.size(); ++i) {
        expected[i] += static_cast<double>(weights[s]) * rows[s][i];
        size[i] += std::abs(static_cast<double>(weights[s]) * rows[s][i]);
      }
    }
    testing::expect_within(out.values(), expected,
                           [&](size_t i) { return (count + 1) * testing::rounding * size[i]; });
  }
}

TEST(WeightedSumTest, RowsWithoutWeightAreNotRead) {
  const float weights[] = {0.0f, 2.0f, 0.0f};
  for (const Index n : testing::sizes()) {
    Guarded row(testing::numbers(n, 85)), out(n);
    const float* rows[] = {nullptr, row.data(), nullptr};
    kernels::weighted_sum(weights, rows, 3, out.data(), n);
    for (Index i = 0; i < n; ++i) EXPECT_EQ(out.data()[i], 2.0f * row.data()[i]);
  }
}

TEST(WeightedSumTest, NoRowsGiveZeros) {
  Guarded out(testing::numbers(9, 86));
  kernels::weighted_sum(nullptr, nullptr, 0, out.data(), 9);
  testing::expect_same(out.values(), std::vector<float>(9));
}

}  // namespace
}  // namespace regard
