// SPDX-License-Identifier: MIT
#include "reference/dual.h"

#include <gtest/gtest.h>

namespace regard::reference {
namespace {

// The derivative that a Dual carries through f, against the central difference of f in double. That
// is off by f''' h^2 / 6, below 1e-8 as no third derivative here exceeds 500, and by the rounding
// of f over h, some 1e-11.
template <class Function>
void expect_derivative(const Function& f, double x) {
  constexpr double h = 1e-5;
  const Dual y = f(Dual(x, 1.0));
  EXPECT_NEAR(y.derivative, (f(Dual(x + h)).value - f(Dual(x - h)).value) / (2 * h), 1e-8);
  EXPECT_EQ(f(Dual(x)).value, y.value);
  EXPECT_EQ(f(Dual(x)).derivative, 0.0);
}

TEST(DualTest, FunctionsCarryTheirDerivatives) {
  for (const double x : {-1.3, -0.2, 0.4, 1.7}) {
    expect_derivative([](Dual a) { return exp(a); }, x);
    expect_derivative([](Dual a) { return tanh(a); }, x);
    expect_derivative([](Dual a) { return erf(a); }, x);
    expect_derivative([](Dual a) { return log(a); }, std::abs(x));
    expect_derivative([](Dual a) { return sqrt(a); }, std::abs(x));
  }
}

TEST(DualTest, ArithmeticCarriesItsDerivatives) {
  for (const double x : {-1.3, 0.4}) {
    expect_derivative([](Dual a) { return 3.0 * a * a - a / 2.0 + 1.0; }, x);
    expect_derivative([](Dual a) { return (1.0 - a) / (a * a + 2.0); }, x);
    expect_derivative([](Dual a) { return -(2.0 / a); }, x);
    expect_derivative(
        [](Dual a) {
          Dual b = a;
          b += a * 2.0;
          b -= 1.0;
          b *= a;
          b /= a + 4.0;
          return b;
        },
        x);
  }
}

TEST(DualTest, BranchesDependOnTheValueAlone) {
  EXPECT_TRUE(Dual(1.0, 5.0) == Dual(1.0, -5.0));
  EXPECT_TRUE(Dual(1.0, 5.0) < Dual(2.0, -5.0));
  EXPECT_TRUE(Dual(2.0, -5.0) > Dual(1.0, 5.0));
}

}  // namespace
}  // namespace regard::reference
