// SPDX-License-Identifier: MIT
#include "kernels/softmax.h"

#include <cmath>
#include <limits>

#include "reference/softmax.h"
#include "support/gradient.h"
#include "support/numbers.h"

namespace regard {
namespace {

using reference::Dual;
using reference::Matrix;
using reference::Vector;
using testing::Guarded;

constexpr Index rows = 3;

// x as a matrix of the reference, and a function of the reference on each of its rows.
template <class Number, class RowFunction>
Vector<Number> by_rows(const Vector<Number>& x, const RowFunction& function) {
  const Index n = static_cast<Index>(x.size()) / rows;
  return each_row(Matrix<Number>(rows, n, x), function).values();
}

// e^x is off by 1.5 units (3 roundings) and by what x - max lost, |x - max| <= 8 roundings here;
// the sum adds one rounding for each of its n / width + log2(width) steps; scaling adds two.
double softmax_roundings(Index n) { return 16.0 + static_cast<double>(n / simd::width); }

TEST(SoftmaxTest, AgreesWithTheReference) {
  for (const Index n : testing::sizes()) {
    for (const Index misalignment : testing::misalignments) {
      Guarded x(testing::numbers(rows * n, 7), misalignment), y(rows * n, misalignment);
      kernels::softmax(x.data(), y.data(), rows, n);
      const auto expected = by_rows(testing::widened(x.values()), reference::softmax<double>);
      testing::expect_close(y.values(), expected, softmax_roundings(n));

      kernels::softmax(x.data(), x.data(), rows, n);
      testing::expect_same(x.values(), y.values(), "in place");
    }
  }
}

// Four roundings of e^y itself, and of its exponent scale (x - most) three, each of which moves the
// result by as much as the exponent is large: some 16 here.
TEST(SoftmaxTest, WeighsAgainstTheLargest) {
  constexpr float scale = 0.37f;
  for (const Index n : testing::sizes()) {
    for (const Index misalignment : testing::misalignments) {
      Guarded x(testing::numbers(n, 9), misalignment), y(n, misalignment);
      const float most = kernels::row_max(x.data(), n);
      const float sum = kernels::weigh_row(x.data(), most, scale, y.data(), n);
      double exact_sum = 0;
      std::vector<double> expected;
      for (const float value : x.values()) {
        EXPECT_LE(value, most);
        expected.push_back(std::exp(double{scale} * (double{value} - double{most})));
        exact_sum += expected.back();
      }
      testing::expect_close(y.values(), expected, 4.0 + 3.0 * 16.0);
      EXPECT_NEAR(sum, exact_sum, exact_sum * (64.0 + static_cast<double>(n)) * 0x1p-24);

      Guarded again(n, misalignment);
      kernels::weigh_again_row(x.data(), most, scale, 1 / sum, again.data(), n);
      for (double& weight : expected) weight /= exact_sum;
      testing::expect_close(again.values(), expected, 8.0 + 3.0 * 16.0 + static_cast<double>(n));
    }
  }
}

TEST(SoftmaxTest, WeightsOfHiddenScoresAreZeroAndNaNStays) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  Guarded x({1.0f, -simd::infinity, nan, -1000.0f, 0.0f}), y(5);
  kernels::weigh_row(x.data(), 1.0f, 1.0f, y.data(), 5);
  const auto weights = y.values();
  EXPECT_EQ(weights[0], 1.0f);
  EXPECT_EQ(weights[1], 0.0f);
  EXPECT_TRUE(std::isnan(weights[2]));
  EXPECT_EQ(weights[3], 0.0f);
  EXPECT_GT(weights[4], 0.36f);
}

TEST(SoftmaxTest, WeightsOfZeroKeepGradientsOut) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  Guarded y({0.5f, 0.0f, 0.5f}), dy({2.0f, nan, 4.0f}), dx(3);
  kernels::weigh_row_backward(y.data(), dy.data(), 3.0f, 2.0f, dx.data(), 3);
  testing::expect_same(dx.values(), std::vector<float>{-1.0f, 0.0f, 1.0f});
  kernels::softmax_row_backward(y.data(), dy.data(), dx.data(), 3);
  testing::expect_same(dx.values(), std::vector<float>{-0.5f, 0.0f, 0.5f});
}

TEST(SoftmaxTest, LargeLogitsDoNotOverflow) {
  Guarded x({1e30f, 1e30f, -1e30f}), y(3);
  kernels::softmax(x.data(), y.data(), 1, 3);
  testing::expect_same(y.values(), std::vector<float>{0.5f, 0.5f, 0.0f});
}

TEST(SoftmaxTest, HiddenLogitsGetNothingAndARowOfThemZeros) {
  const float hidden = -simd::infinity;
  for (Index n = 1; n <= 2 * simd::width + 1; ++n) {
    std::vector<float> values(static_cast<size_t>(2 * n), hidden);
    values[static_cast<size_t>(n - 1)] = -3.0f;
    Guarded x(values), y(2 * n);
    kernels::softmax(x.data(), y.data(), 2, n);
    std::vector<float> expected(static_cast<size_t>(2 * n), 0.0f);
    expected[static_cast<size_t>(n - 1)] = 1.0f;
    testing::expect_same(y.values(), expected);
  }
}

TEST(SoftmaxTest, NaNSpreadsThroughItsRowOnly) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  for (Index at = 0; at < 2 * simd::width + 1; ++at) {
    const Index n = 2 * simd::width + 1;
    auto values = testing::numbers(2 * n, 5);
    values[static_cast<size_t>(at)] = nan;
    Guarded x(values), y(2 * n);
    kernels::softmax(x.data(), y.data(), 2, n);
    for (Index i = 0; i < n; ++i) {
      EXPECT_TRUE(std::isnan(y.values()[static_cast<size_t>(i)]));
      EXPECT_FALSE(std::isnan(y.values()[static_cast<size_t>(n + i)]));
    }
  }
}

TEST(SoftmaxTest, BackwardIsTheGradient) {
  for (const Index n : testing::sizes()) {
    for (const Index misalignment : testing::misalignments) {
      Guarded x(testing::numbers(rows * n, 11), misalignment), y(rows * n, misalignment);
      Guarded dy(testing::numbers(rows * n, 12), misalignment), dx(rows * n, misalignment);
      kernels::softmax(x.data(), y.data(), rows, n);
      kernels::softmax_backward(y.data(), dy.data(), dx.data(), rows, n);

      const auto weights = testing::widened(dy.values());
      const auto expected =
          testing::gradient(testing::widened(x.values()), [&](const Vector<Dual>& point) {
            return testing::weighted_sum(by_rows(point, reference::softmax<Dual>), weights);
          });
      testing::expect_gradient(dx.values(), expected);

      kernels::softmax_backward(y.data(), dy.data(), dy.data(), rows, n);
      testing::expect_same(dy.values(), dx.values(), "in place");
      if (n > 40) break;
    }
  }
}

TEST(LogSoftmaxTest, AgreesWithTheReference) {
  for (const Index n : testing::sizes()) {
    for (const Index misalignment : testing::misalignments) {
      Guarded x(testing::numbers(rows * n, 8, 4.0f), misalignment), y(rows * n, misalignment);
      kernels::log_softmax(x.data(), y.data(), rows, n);
      const auto expected = by_rows(testing::widened(x.values()), reference::log_softmax<double>);
      testing::expect_close(y.values(), expected, softmax_roundings(n));

      kernels::log_softmax(x.data(), x.data(), rows, n);
      testing::expect_same(x.values(), y.values(), "in place");
    }
  }
}

TEST(LogSoftmaxTest, BackwardIsTheGradient) {
  for (const Index n : testing::sizes()) {
    Guarded x(testing::numbers(rows * n, 13), 1), y(rows * n, 1);
    Guarded dy(testing::numbers(rows * n, 14), 3), dx(rows * n);
    kernels::log_softmax(x.data(), y.data(), rows, n);
    kernels::log_softmax_backward(y.data(), dy.data(), dx.data(), rows, n);

    const auto weights = testing::widened(dy.values());
    const auto expected =
        testing::gradient(testing::widened(x.values()), [&](const Vector<Dual>& point) {
          return testing::weighted_sum(by_rows(point, reference::log_softmax<Dual>), weights);
        });
    testing::expect_gradient(dx.values(), expected);

    kernels::log_softmax_backward(y.data(), dy.data(), dy.data(), rows, n);
    testing::expect_same(dy.values(), dx.values(), "in place");
  }
}

TEST(LogSoftmaxTest, LogSumOfNothingIsMinusInfinity) {
  const std::vector<float> hidden(5, -simd::infinity);
  EXPECT_EQ(kernels::log_sum_exp_row(hidden.data(), 5), -simd::infinity);
  EXPECT_EQ(kernels::log_sum_exp_row(hidden.data(), 0), -simd::infinity);
}

}  // namespace
}  // namespace regard
