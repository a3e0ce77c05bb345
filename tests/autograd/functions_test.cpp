// SPDX-License-Identifier: MIT
#include "autograd/functions.h"

#include <cmath>

#include "autograd/check.h"
#include "reference/activation.h"

namespace regard::autograd {

namespace {

void check_activation_of(kernels::Activation kind, Dual (*exact)(const Dual&)) {
  check(
      {{5, 9}}, [=](Tape& tape, const auto& in) { return activation(tape, in[0], kind); },
      [=](const auto& in) {
        Duals y;
        for (const Dual& x : in[0]) y.push_back(exact(x));
        return y;
      });
}

using kernels::Function;

// At random numbers, or the absolute values of them.
void check_function(Function kind, Dual (*exact)(const Dual&), bool positive = false) {
  Tensor x = random_tensor({5, 9}, 100);
  for (float& value : x.values()) value = positive ? std::abs(value) + 0.1f : value;
  check_at(
      {x}, [=](Tape& tape, const auto& in) { return apply(tape, in[0], kind); },
      [=](const auto& in) {
        Duals y;
        for (const Dual& element : in[0]) y.push_back(exact(element));
        return y;
      });
}

constexpr float infinity = std::numeric_limits<float>::infinity();

}  // namespace

void check_activation() {
  using kernels::Activation;
  check_activation_of(Activation::identity, [](const Dual& x) { return x; });
  check_activation_of(Activation::relu, reference::relu<Dual>);
  check_activation_of(Activation::gelu, reference::gelu<Dual>);
  check_activation_of(Activation::gelu_tanh, reference::gelu_tanh<Dual>);
  check_activation_of(Activation::silu, reference::silu<Dual>);
}

void check_apply() {
  check_function(Function::negate, [](const Dual& x) { return -x; });
  check_function(Function::absolute, [](const Dual& x) { return x < 0.0 ? -x : x; });
  check_function(Function::exp, [](const Dual& x) { return exp(x); });
  check_function(Function::log, [](const Dual& x) { return log(x); }, true);
  check_function(Function::sqrt, [](const Dual& x) { return sqrt(x); }, true);
  check_function(Function::tanh, [](const Dual& x) { return tanh(x); });
  check_function(Function::sigmoid, [](const Dual& x) { return 1.0 / (1.0 + exp(-x)); });
  check_function(Function::sine, [](const Dual& x) {
    return Dual(std::sin(x.value), std::cos(x.value) * x.derivative);
  });
  check_function(Function::cosine, [](const Dual& x) {
    return Dual(std::cos(x.value), -std::sin(x.value) * x.derivative);
  });
}

void check_power() {
  for (const float exponent : {-2.0f, -0.5f, 0.0f, 0.5f, 1.0f, 2.0f, 2.5f, 3.0f}) {
    SCOPED_TRACE(exponent);
    const bool whole = exponent == std::round(exponent);
    Tensor x = random_tensor({4, 9}, 100);
    for (float& value : x.values()) {
      const float size = std::abs(value) + 0.3f;
      value = whole && value < 0 ? -size : size;
    }
    check_at(
        {x}, [=](Tape& tape, const auto& in) { return power(tape, in[0], exponent); },
        [=](const auto& in) {
          const double p = static_cast<double>(exponent);
          Duals y;
          for (const Dual& e : in[0]) {
            y.emplace_back(std::pow(e.value, p), p * std::pow(e.value, p - 1) * e.derivative);
          }
          return y;
        });
  }
}

namespace {

// What a function gives at a number, and its slope there.
std::pair<float, float> at_point(float x, const std::function<Variable(Tape&, Variable)>& f) {
  Tape tape;
  const Variable input = variable(Tensor::full({1}, x)), y = f(tape, input);
  const float value = y->value.data()[0];
  tape.backward(y);
  return {value, input->gradient.data()[0]};
}

TEST(FunctionsTest, TheEdgesAreThoseOfTheFunctions) {
  const auto point = [](Function kind, float x) {
    return at_point(x, [kind](Tape& tape, Variable input) { return apply(tape, input, kind); });
  };
  const auto pair = [](float value, float slope) { return std::pair(value, slope); };
  EXPECT_EQ(point(Function::absolute, 0), pair(0, 0));
  EXPECT_EQ(point(Function::log, 0), pair(-infinity, infinity));
  EXPECT_TRUE(std::isnan(point(Function::log, -1).first));
  EXPECT_EQ(point(Function::sqrt, 0), pair(0, infinity));
  EXPECT_TRUE(std::isnan(point(Function::sqrt, -1).first));
  EXPECT_EQ(point(Function::exp, 100), pair(infinity, infinity));
  EXPECT_EQ(point(Function::exp, -infinity), pair(0, 0));
  EXPECT_EQ(point(Function::sigmoid, 200), pair(1, 0));
  EXPECT_EQ(point(Function::tanh, -50), pair(-1, 0));
}

TEST(FunctionsTest, PowersOfZeroHaveTheSlopesOfTheirFunctions) {
  const auto point = [](float exponent, float x) {
    return at_point(x, [=](Tape& tape, Variable input) { return power(tape, input, exponent); });
  };
  EXPECT_EQ(point(0, 0), std::pair(1.0f, 0.0f));
  EXPECT_EQ(point(1, 0), std::pair(0.0f, 1.0f));
  EXPECT_EQ(point(2, 0), std::pair(0.0f, 0.0f));
  EXPECT_EQ(point(0.5f, 0), std::pair(0.0f, infinity));
  EXPECT_TRUE(std::isnan(point(0.5f, -1).first));
}

}  // namespace

}  // namespace regard::autograd
