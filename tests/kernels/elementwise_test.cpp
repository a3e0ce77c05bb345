// SPDX-License-Identifier: MIT
#include "kernels/elementwise.h"

#include "support/numbers.h"

namespace regard {
namespace {

using testing::Guarded;

// The expected result of an element-wise kernel, by double arithmetic on each element.
template <class Exact>
std::vector<double> each(Index n, const Exact& exact) {
  std::vector<double> result;
  for (Index i = 0; i < n; ++i) result.push_back(exact(i));
  return result;
}

TEST(ElementwiseTest, SumsAndProducts) {
  for (const Index n : testing::sizes()) {
    for (const Index misalignment : testing::misalignments) {
      const auto before = testing::numbers(n, 53);
      Guarded a(testing::numbers(n, 51), misalignment), b(testing::numbers(n, 52), misalignment);
      Guarded y(before, misalignment);
      const auto a_at = [&](Index i) { return static_cast<double>(a.data()[i]); };
      const auto b_at = [&](Index i) { return static_cast<double>(b.data()[i]); };
      const auto y_at = [&](Index i) {
        return static_cast<double>(before[static_cast<size_t>(i)]);
      };

      // one rounding each, axpy two where there is no fused instruction; expect_close is per
      // element
      kernels::axpy(0.7f, a.data(), y.data(), n);
      testing::expect_close(
          y.values(),
          each(n, [&](Index i) { return y_at(i) + static_cast<double>(0.7f) * a_at(i); }), 4.0,
          "axpy");
      kernels::add(a.data(), b.data(), y.data(), n);
      testing::expect_close(y.values(), each(n, [&](Index i) { return a_at(i) + b_at(i); }), 1.0,
                            "add");
      kernels::scale(0.7f, a.data(), y.data(), n);
      testing::expect_close(y.values(),
                            each(n, [&](Index i) { return static_cast<double>(0.7f) * a_at(i); }),
                            1.0, "scale");

      Guarded sum(testing::numbers(n, 51), misalignment);
      kernels::add(a.data(), b.data(), y.data(), n);
      kernels::add_in_place(b.data(), sum.data(), n);
      testing::expect_same(sum.values(), y.values(), "add_in_place");
    }
  }
}

TEST(ElementwiseTest, RowsAddUp) {
  constexpr Index rows = 5;
  for (const Index n : testing::sizes()) {
    const auto before = testing::numbers(n, 55);
    Guarded x(testing::numbers(rows * n, 54), n % 4), sum(before, n % 4);
    kernels::add_rows(x.data(), sum.data(), rows, n);
    const auto expected = each(n, [&](Index i) {
      double total = before[static_cast<size_t>(i)];
      for (Index row = 0; row < rows; ++row) total += x.data()[row * n + i];
      return total;
    });
    // one rounding a row, of sums up to five times as large as the result's typical size
    testing::expect_close(sum.values(), expected, 4.0 * rows);
  }
}

TEST(ElementwiseTest, SumOfSquares) {
  for (const Index n : {Index{0}, Index{1}, simd::width + 1, Index{5000}, Index{300000}}) {
    Guarded x(testing::numbers(n, 56), n % 4);
    double expected = 0.0;
    for (const float value : x.values()) expected += static_cast<double>(value) * value;
    // 32 terms at most are added in float, at one rounding each
    EXPECT_NEAR(kernels::sum_of_squares(x.data(), n), expected, 33 * testing::rounding * expected);
  }
}

// Three steps of the algorithm in double, as Kingma and Ba write it.
TEST(ElementwiseTest, AdamFollowsItsAlgorithm) {
  for (const double decay : {0.0, 0.1}) {
    for (const Index n : testing::sizes()) {
      Guarded parameter(testing::numbers(n, 57), n % 4), m(n, 1), v(n, 3);
      std::vector<double> exact = testing::widened(parameter.values());
      std::vector<double> exact_m(exact.size()), exact_v(exact.size());

      for (Index step = 1; step <= 3; ++step) {
        Guarded gradient(testing::numbers(n, 58 + static_cast<uint64_t>(step)));
        kernels::adam_update(parameter.data(), gradient.data(), m.data(), v.data(), n,
                             {.rate = 0.01f,
                              .weight_decay = static_cast<float>(decay),
                              .gradient_scale = 0.5f,
                              .step = step});
        for (size_t i = 0; i < exact.size(); ++i) {
          const double g = 0.5 * static_cast<double>(gradient.values()[i]);
          exact_m[i] = 0.9 * exact_m[i] + 0.1 * g;
          exact_v[i] = 0.999 * exact_v[i] + 0.001 * g * g;
          const double m_hat = exact_m[i] / (1 - std::pow(0.9, step));
          const double v_hat = exact_v[i] / (1 - std::pow(0.999, step));
          exact[i] -= 0.01 * (m_hat / (std::sqrt(v_hat) + 1e-8) + decay * exact[i]);
        }
      }
      // a step moves by about the rate, 0.01; beta2 = 0.999 as a float is off by 1.3e-8, 1.3e-5 of
      // 1 - beta2, half of which shows in the root
      testing::expect_within(parameter.values(), exact,
                             [](size_t) { return 3 * 0.01 * 1e-5 + 4e-7; });
    }
  }
}

TEST(ElementwiseTest, AdamWithoutGradientsStaysWhereItIs) {
  Guarded parameter(testing::numbers(7, 57)), gradient(7), m(7), v(7);
  const std::vector<float> before(parameter.values().begin(), parameter.values().end());
  kernels::adam_update(parameter.data(), gradient.data(), m.data(), v.data(), 7, {.rate = 0.01f});
  testing::expect_same(parameter.values(), before);
}

}  // namespace
}  // namespace regard
