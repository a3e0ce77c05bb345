// SPDX-License-Identifier: MIT
#include "kernels/reduce.h"

#include "support/numbers.h"

namespace regard {
namespace {

using kernels::make_loop;
using kernels::Reduction;
using kernels::Strides;
using testing::Guarded;

// A matrix (rows, columns) reduced to its columns or its rows, for every size of the other.
void expect_reduction(Reduction kind, double start, double (*step)(double, double)) {
  std::vector<Index> sizes = testing::sizes();
  sizes.push_back(40 * simd::width + 3);  // several short sums
  for (const Index n : sizes) {
    for (const Index misalignment : testing::misalignments) {
      const Index other = n < 100 ? 70 : 3;
      Guarded x(testing::numbers(n * other, 21), misalignment);
      Guarded rows(other, misalignment), columns(other, misalignment);
      // the rows of (other, n) and the columns of (n, other)
      kernels::reduce(kind, make_loop({other}, {{Strides{n}, Strides{1}}}),
                      make_loop({n}, {{Strides{1}}}), x.data(), rows.data());
      kernels::reduce(kind, make_loop({other}, {{Strides{1}, Strides{1}}}),
                      make_loop({n}, {{Strides{other}}}), x.data(), columns.data());
      std::vector<double> by_row, by_column;
      for (Index i = 0; i < other; ++i) {
        double row = start, column = start;
        for (Index j = 0; j < n; ++j) {
          row = step(row, static_cast<double>(x.data()[i * n + j]));
          column = step(column, static_cast<double>(x.data()[j * other + i]));
        }
        by_row.push_back(row);
        by_column.push_back(column);
      }
      // 32 terms are added in float, and terms of both signs cancel
      testing::expect_close(rows.values(), by_row, 64.0, "rows of " + std::to_string(n));
      testing::expect_close(columns.values(), by_column, 64.0, "columns of " + std::to_string(n));
    }
  }
}

TEST(ReduceTest, Sums) {
  expect_reduction(Reduction::sum, 0, [](double a, double b) { return a + b; });
}

TEST(ReduceTest, Largest) {
  expect_reduction(Reduction::maximum, -std::numeric_limits<double>::infinity(),
                   [](double a, double b) { return std::max(a, b); });
}

TEST(ReduceTest, RunningSumsFromBothEnds) {
  for (const Index n : {0, 1, 2, 7}) {
    const kernels::AxisSizes sizes{2, n, 3};
    Guarded x(testing::numbers(6 * n, 22), 1), forward(6 * n), backward(6 * n);
    kernels::cumulative_sum(x.data(), sizes, false, forward.data());
    kernels::cumulative_sum(x.data(), sizes, true, backward.data());
    for (Index line = 0; line < 6; ++line) {
      const auto at = [&](Index i) { return (line / 3 * n + i) * 3 + line % 3; };
      for (Index i = 0; i < n; ++i) {
        double before = 0, after = 0;
        for (Index j = 0; j <= i; ++j) before += static_cast<double>(x.data()[at(j)]);
        for (Index j = i; j < n; ++j) after += static_cast<double>(x.data()[at(j)]);
        // summed in double, rounded once
        EXPECT_NEAR(forward.data()[at(i)], before, 2 * testing::rounding * std::abs(before));
        EXPECT_NEAR(backward.data()[at(i)], after, 2 * testing::rounding * std::abs(after));
      }
    }
  }
}

TEST(ReduceTest, PlacesOfTheLargest) {
  const std::vector<float> x = {3, 1, 3, 5,   //
                                2, 9, 3, -1,  //
                                3, 9, 4, 5};
  int32_t places[4];
  kernels::argmax(x.data(), {1, 3, 4}, places);
  EXPECT_EQ(std::vector<int32_t>(places, places + 4), (std::vector<int32_t>{0, 1, 2, 0}));
  kernels::argmax(x.data(), {3, 4, 1}, places);
  EXPECT_EQ(std::vector<int32_t>(places, places + 3), (std::vector<int32_t>{3, 1, 1}));
}

}  // namespace
}  // namespace regard
