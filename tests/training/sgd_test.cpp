// SPDX-License-Identifier: MIT
#include "training/sgd.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace regard::training {
namespace {

using autograd::Variable;

Variable parameter(float value) { return autograd::variable(Tensor::full({3}, value)); }

void set_gradient(const Variable& variable, float value) {
  variable->gradient = Tensor::full(variable->value.shape(), value);
}

TEST(Sgd, MovesAgainstTheGradient) {
  const Variable x = parameter(2), untouched = parameter(5);
  Sgd sgd({{"x", x}, {"untouched", untouched}}, {});
  set_gradient(x, 0.5f);
  EXPECT_NEAR(sgd.step(0.5f), 0.5 * std::sqrt(3), 1e-6);  // a norm in double of exact squares
  for (const float value : x->value.values()) EXPECT_EQ(value, 1.75f);
  for (const float value : untouched->value.values()) EXPECT_EQ(value, 5);
  EXPECT_FALSE(x->gradient.defined());
}

// All numbers are sums of few powers of two: nothing is rounded.
TEST(Sgd, KeepsMomentumAndDecaysWeights) {
  const Variable x = parameter(1);
  Sgd sgd({{"x", x}}, {.momentum = 0.5f, .weight_decay = 0.25f});
  set_gradient(x, 1);
  sgd.step(1);  // g = 1 + 0.25, v = 1.25, x = -0.25
  EXPECT_EQ(x->value.data()[0], -0.25f);
  set_gradient(x, 1);
  sgd.step(1);  // g = 1 - 0.0625, v = 0.625 + 0.9375 = 1.5625, x = -1.8125
  EXPECT_EQ(x->value.data()[2], -1.8125f);
}

TEST(Sgd, DoesNotMoveOnAGradientThatIsNotFinite) {
  const Variable x = parameter(1), y = parameter(2);
  Sgd sgd({{"x", x}, {"y", y}}, {});
  set_gradient(x, std::numeric_limits<float>::infinity());
  set_gradient(y, 1);
  EXPECT_FALSE(std::isfinite(sgd.step(1)));
  EXPECT_EQ(x->value.data()[0], 1);
  EXPECT_EQ(y->value.data()[0], 2);
  EXPECT_FALSE(y->gradient.defined());
}

}  // namespace
}  // namespace regard::training
