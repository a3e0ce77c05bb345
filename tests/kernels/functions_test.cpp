// SPDX-License-Identifier: MIT
#include "kernels/functions.h"

#include "support/numbers.h"

namespace regard {
namespace {

using kernels::Function;
using testing::Guarded;

struct Exact {
  Function kind;
  double (*value)(double);
  double (*slope)(double);
  bool positive;
};

const Exact functions[] = {
    {Function::negate, [](double x) { return -x; }, [](double) { return -1.0; }, false},
    {Function::absolute, [](double x) { return std::abs(x); },
     [](double x) { return x > 0   ? 1.0
                           : x < 0 ? -1.0
                                   : 0.0; }, false},
    {Function::exp, [](double x) { return std::exp(x); }, [](double x) { return std::exp(x); },
     false},
    {Function::log, [](double x) { return std::log(x); }, [](double x) { return 1 / x; }, true},
    {Function::sqrt, [](double x) { return std::sqrt(x); },
     [](double x) { return 0.5 / std::sqrt(x); }, true},
    {Function::tanh, [](double x) { return std::tanh(x); },
     [](double x) { return 1 - std::tanh(x) * std::tanh(x); }, false},
    {Function::sigmoid, [](double x) { return 1 / (1 + std::exp(-x)); },
     [](double x) { return std::exp(-x) / ((1 + std::exp(-x)) * (1 + std::exp(-x))); }, false},
    {Function::sine, [](double x) { return std::sin(x); }, [](double x) { return std::cos(x); },
     false},
    {Function::cosine, [](double x) { return std::cos(x); }, [](double x) { return -std::sin(x); },
     false},
};

TEST(FunctionKernelTest, EveryFunctionIsItsFormula) {
  for (const Exact& exact : functions) {
    for (const Index n : testing::sizes()) {
      for (const Index misalignment : testing::misalignments) {
        auto numbers = testing::numbers(n, 91, 3.0f);
        if (exact.positive) {
          for (float& value : numbers) value = std::abs(value) + 0.01f;
        }
        const auto before = testing::numbers(n, 92);
        Guarded x(numbers, misalignment), y(n, misalignment), dx(before, misalignment);
        Guarded dy(testing::numbers(n, 93), misalignment);
        kernels::apply(exact.kind, x.data(), y.data(), n);
        std::vector<double> values, slopes;
        for (size_t i = 0; i < numbers.size(); ++i) {
          const auto at = static_cast<double>(numbers[i]);
          values.push_back(exact.value(at));
          slopes.push_back(static_cast<double>(before[i]) +
                           exact.slope(at) * static_cast<double>(dy.values()[i]));
        }
        // exp is within 1.5 units in the last place, tanh within 3: 6 roundings
        testing::expect_close(y.values(), values, 6.0, "value");
        // slopes by what came out: those errors, and of 1 - y y that of y once more
        kernels::apply_backward(exact.kind, x.data(), y.data(), dy.data(), dx.data(), n);
        testing::expect_close(dx.values(), slopes, 24.0, "slope");
      }
    }
  }
}

TEST(FunctionKernelTest, LogarithmsHoldOverTheWholeRange) {
  std::vector<float> numbers;
  for (int exponent = -126; exponent < 128; ++exponent) {
    for (const float part : {1.0f, 1.2f, 1.4142f, 1.9999f}) {
      numbers.push_back(std::ldexp(part, exponent));
    }
  }
  const auto n = static_cast<Index>(numbers.size());
  Guarded x(numbers), y(n);
  kernels::apply(Function::log, x.data(), y.data(), n);
  for (size_t i = 0; i < numbers.size(); ++i) {
    const double exact = std::log(static_cast<double>(numbers[i]));
    EXPECT_NEAR(y.values()[i], exact, 4 * testing::rounding * std::abs(exact)) << numbers[i];
  }
}

TEST(FunctionKernelTest, Powers) {
  for (const float exponent : {-1.5f, 0.0f, 0.5f, 2.0f, 3.0f}) {
    Guarded x(std::vector<float>{0.1f, 1.0f, 2.5f, 40.0f, 1e-3f}, 1), y(5, 3);
    kernels::power(exponent, x.data(), y.data(), 5);
    for (Index i = 0; i < 5; ++i) {
      const double exact =
          std::pow(static_cast<double>(x.data()[i]), static_cast<double>(exponent));
      EXPECT_NEAR(y.data()[i], exact, testing::rounding * exact);
    }
  }
}

}  // namespace
}  // namespace regard
