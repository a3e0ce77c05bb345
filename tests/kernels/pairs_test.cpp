// SPDX-License-Identifier: MIT
#include "kernels/pairs.h"

#include <functional>

#include "support/numbers.h"

namespace regard {
namespace {

using kernels::Comparison;
using kernels::Loop;
using kernels::make_loop;
using kernels::Pair;
using testing::Guarded;

using Kernel = std::function<void(const Loop&, const float*, const float*, float*)>;
using Exact = std::function<double(double, double)>;

// Rows of every size, each operand at every step: repeated, side by side, apart.
void expect_pairs(const Kernel& kernel, const Exact& exact, const char* what) {
  for (const Index n : testing::sizes()) {
    for (const Index a_step : {0, 1, 3}) {
      for (const Index b_step : {0, 1, 2}) {
        const auto a_numbers = testing::numbers(3 * n + 1, 81);
        auto b_numbers = testing::numbers(3 * n + 1, 82);
        // some are equal
        for (size_t i = 0; i < b_numbers.size(); i += 4) b_numbers[i] = a_numbers[i];
        Guarded a(a_numbers, 1), b(b_numbers, 3), y(n);
        kernel(make_loop({n}, {{{a_step}, {b_step}, {1}}}), a.data(), b.data(), y.data());
        std::vector<double> expected;
        for (Index i = 0; i < n; ++i) {
          expected.push_back(exact(static_cast<double>(a.data()[i * a_step]),
                                   static_cast<double>(b.data()[i * b_step])));
        }
        // one rounding each, two of add_scaled where there is no fused instruction
        testing::expect_close(y.values(), expected, 2.0, what);
      }
    }
  }
}

TEST(PairsTest, EveryPairIsItsFormula) {
  const auto pair = [](Pair kind) {
    return [kind](const Loop& loop, const float* a, const float* b, float* y) {
      kernels::pairs(kind, loop, a, b, y);
    };
  };
  expect_pairs(pair(Pair::add), std::plus<double>(), "add");
  expect_pairs(pair(Pair::subtract), std::minus<double>(), "subtract");
  expect_pairs(pair(Pair::multiply), std::multiplies<double>(), "multiply");
  expect_pairs(pair(Pair::divide), std::divides<double>(), "divide");
  expect_pairs(pair(Pair::maximum), [](double a, double b) { return std::max(a, b); }, "maximum");
  expect_pairs(pair(Pair::minimum), [](double a, double b) { return std::min(a, b); }, "minimum");
}

TEST(PairsTest, EveryComparisonIsItsFormula) {
  const auto comparison = [](Comparison kind) {
    return [kind](const Loop& loop, const float* a, const float* b, float* y) {
      kernels::compare(kind, loop, a, b, y);
    };
  };
  expect_pairs(comparison(Comparison::equal), std::equal_to<double>(), "equal");
  expect_pairs(comparison(Comparison::not_equal), std::not_equal_to<double>(), "not_equal");
  expect_pairs(comparison(Comparison::less), std::less<double>(), "less");
  expect_pairs(comparison(Comparison::less_equal), std::less_equal<double>(), "less_equal");
  expect_pairs(comparison(Comparison::greater), std::greater<double>(), "greater");
  expect_pairs(comparison(Comparison::greater_equal), std::greater_equal<double>(),
               "greater_equal");
}

TEST(PairsTest, AddsAMultiple) {
  expect_pairs([](const Loop& loop, const float* a, const float* b,
                  float* y) { kernels::add_scaled(-0.7f, loop, a, b, y); },
               [](double a, double b) { return a - static_cast<double>(0.7f) * b; }, "add_scaled");
}

TEST(PairsTest, SelectsAmongThree) {
  for (const Index n : testing::sizes()) {
    for (const Index step : {0, 1, 2}) {
      auto chosen = testing::numbers(2 * n + 1, 83);
      for (float& value : chosen) value = value < 0 ? 0.0f : value;
      Guarded condition(chosen, 1), a(testing::numbers(2 * n + 1, 84)), y(n, 3);
      const float other = -3;
      kernels::select(make_loop({n}, {{{step}, {1}, {0}, {1}}}), condition.data(), a.data(), &other,
                      y.data());
      for (Index i = 0; i < n; ++i) {
        EXPECT_EQ(y.data()[i], chosen[static_cast<size_t>(i * step)] != 0 ? a.data()[i] : other);
      }
    }
  }
}

}  // namespace
}  // namespace regard
