// SPDX-License-Identifier: MIT
#include "kernels/activation.h"

#include "reference/activation.h"
#include "support/gradient.h"
#include "support/numbers.h"

namespace regard {
namespace {

using kernels::Activation;
using reference::Dual;
using testing::Guarded;

constexpr Activation kinds[] = {Activation::identity, Activation::relu, Activation::gelu,
                                Activation::gelu_tanh, Activation::silu};

template <class Number>
Number exact(Activation kind, const Number& x) {
  switch (kind) {
    case Activation::relu:
      return reference::relu(x);
    case Activation::gelu:
      return reference::gelu(x);
    case Activation::gelu_tanh:
      return reference::gelu_tanh(x);
    case Activation::silu:
      return reference::silu(x);
    case Activation::identity:
      break;
  }
  return x;
}

TEST(ActivationTest, AgreesWithTheReference) {
  for (const Activation kind : kinds) {
    for (const Index n : testing::sizes()) {
      for (const Index misalignment : testing::misalignments) {
        Guarded x(testing::numbers(n, 21, 3.0f), misalignment), y(n, misalignment);
        kernels::activate(kind, x.data(), y.data(), n);
        std::vector<double> expected;
        for (const float value : x.values()) {
          expected.push_back(exact(kind, static_cast<double>(value)));
        }
        // the bound that the contract states
        testing::expect_within(y.values(), expected, [&](size_t i) {
          return 1e-6 * std::max<double>(std::abs(x.values()[i]), std::abs(expected[i]));
        });

        kernels::activate(kind, x.data(), x.data(), n);
        testing::expect_same(x.values(), y.values(), "in place");
      }
    }
  }
}

// Far out every activation is 0 or x: nothing overflows into NaN on the way.
TEST(ActivationTest, HoldsFarFromZero) {
  for (const Activation kind : kinds) {
    const float far[] = {-1e15f, -100.0f, 100.0f, 1e15f};
    float y[4], dx[4] = {}, ones[4] = {1, 1, 1, 1};
    kernels::activate(kind, far, y, 4);
    kernels::activate_backward(kind, far, ones, dx, 4);
    for (int i = 0; i < 4; ++i) {
      const bool kept = kind == Activation::identity || far[i] > 0;
      EXPECT_EQ(y[i], kept ? far[i] : 0.0f) << "kind " << static_cast<int>(kind);
      EXPECT_EQ(dx[i], kept ? 1.0f : 0.0f) << "kind " << static_cast<int>(kind);
    }
  }
}

TEST(ActivationTest, NaNStays) {
  for (const Activation kind : kinds) {
    float value = std::numeric_limits<float>::quiet_NaN();
    kernels::activate(kind, &value, &value, 1);
    EXPECT_TRUE(std::isnan(value)) << "kind " << static_cast<int>(kind);
  }
}

TEST(ActivationTest, BackwardAddsTheGradient) {
  for (const Activation kind : kinds) {
    for (const Index n : testing::sizes()) {
      const Index misalignment = n % 4;
      Guarded x(testing::numbers(n, 22, 2.0f), misalignment);
      Guarded dy(testing::numbers(n, 23), misalignment);
      const auto before = testing::numbers(n, 24);
      Guarded dx(before, misalignment);
      kernels::activate_backward(kind, x.data(), dy.data(), dx.data(), n);

      std::vector<double> expected;
      for (size_t i = 0; i < before.size(); ++i) {
        const double slope = exact(kind, Dual(x.values()[i], 1.0)).derivative;
        expected.push_back(before[i] + slope * dy.values()[i]);
      }
      testing::expect_gradient(dx.values(), expected);
    }
  }
}

}  // namespace
}  // namespace regard
