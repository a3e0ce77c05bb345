// SPDX-License-Identifier: MIT
#include "autograd/arithmetic.h"

#include <cmath>

#include "autograd/check.h"
#include "thrown.h"

namespace regard::autograd {

namespace {

using Pair = Variable (*)(Tape&, const Variable&, const Variable&);

// Every way in which two shapes can meet: equal, one repeated along its inner, outer or middle
// axes, both repeated, numbers, and stretches longer than a batch.
const std::vector<std::pair<Shape, Shape>> shapes = {
    {{3, 7}, {3, 7}},
    {{3, 7}, {7}},
    {{3, 7}, {3, 1}},
    {{3, 1}, {1, 7}},
    {{}, {3, 7}},
    {{}, {}},
    {{1}, {}},
    {{2, 1, 4}, {3, 1}},
    {{2, 3, 1, 5}, {4, 1}},
    {{1, 3, 4}, {2, 3, 4}},
    {{2, 1, 3, 1, 2}, {2, 1, 5, 1}},
    {{2, 37}, {37}},
    {{2, 1, 2, 1, 2, 1}, {1, 2, 1, 2, 1, 2}},
};

// Numbers away from 0, of both signs.
Tensor away_from_zero(const Shape& shape, uint64_t seed) {
  Tensor x = random_tensor(shape, seed);
  for (float& value : x.values()) value += value < 0 ? -0.5f : 0.5f;
  return x;
}

void check_pair(Pair operation, Dual (*exact)(const Dual&, const Dual&)) {
  const auto check_shapes = [&](const Shape& a, const Shape& b) {
    SCOPED_TRACE(a.to_string() + " and " + b.to_string());
    check_at(
        {away_from_zero(a, 100), away_from_zero(b, 101)},
        [&](Tape& tape, const auto& in) { return operation(tape, in[0], in[1]); },
        [&](const auto& in) {
          Duals result;
          for (const auto& place : places(broadcast(a, b))) {
            result.push_back(exact(at(in[0], a, place), at(in[1], b, place)));
          }
          return result;
        });
  };
  for (const auto& [a, b] : shapes) {
    check_shapes(a, b);
    check_shapes(b, a);
  }
}

}  // namespace

void check_add() {
  check_pair(add, [](const Dual& x, const Dual& y) { return x + y; });
}

void check_subtract() {
  check_pair(subtract, [](const Dual& x, const Dual& y) { return x - y; });
}

void check_multiply() {
  check_pair(multiply, [](const Dual& x, const Dual& y) { return x * y; });
}

void check_divide() {
  check_pair(divide, [](const Dual& x, const Dual& y) { return x / y; });
}

void check_maximum() {
  check_pair(maximum, [](const Dual& x, const Dual& y) { return x > y ? x : y; });
}

void check_minimum() {
  check_pair(minimum, [](const Dual& x, const Dual& y) { return x < y ? x : y; });
}

namespace {

Tensor row(std::vector<float> values) {
  return Tensor::from({static_cast<Index>(values.size())}, values);
}

constexpr float nan = std::numeric_limits<float>::quiet_NaN();

TEST(ArithmeticTest, EqualNumbersShareTheGradientOfTheLarger) {
  for (const Pair operation : {maximum, minimum}) {
    Tape tape;
    const Variable x = variable(row({2, 1})), y = variable(row({2, 1}));
    tape.backward(weighted_total(tape, operation(tape, x, y), row({1, 3})));
    testing::expect_same(x->gradient.values(), std::vector<float>{0.5f, 1.5f});
    testing::expect_same(y->gradient.values(), std::vector<float>{0.5f, 1.5f});
  }
}

TEST(ArithmeticTest, TheLargerAndTheSmallerOfANaNIsNaN) {
  Tape tape;
  const Variable x = constant(row({nan, 1, nan, 3})), y = constant(row({1, nan, nan, 2}));
  testing::expect_within(maximum(tape, x, y)->value.values(), std::vector<double>{nan, nan, nan, 3},
                         [](size_t) { return 0.0; });
  testing::expect_within(minimum(tape, x, y)->value.values(), std::vector<double>{nan, nan, nan, 2},
                         [](size_t) { return 0.0; });
}

TEST(ArithmeticTest, ComparisonsAreMasks) {
  using kernels::Comparison;
  const Tensor x = Tensor::from({2, 2}, std::vector<float>{1, 2, 3, nan}), y = row({2, 2});
  const auto expect = [&](Comparison kind, std::vector<float> mask) {
    const Tensor found = compare(x, y, kind);
    EXPECT_EQ(found.shape(), x.shape());
    testing::expect_same(found.values(), mask);
  };
  expect(Comparison::equal, {0, 1, 0, 0});
  expect(Comparison::not_equal, {1, 0, 1, 1});
  expect(Comparison::less, {1, 0, 0, 0});
  expect(Comparison::less_equal, {1, 1, 0, 0});
  expect(Comparison::greater, {0, 0, 1, 0});
  expect(Comparison::greater_equal, {0, 1, 1, 0});
}

TEST(ArithmeticTest, NothingBroadcastsToNothing) {
  Tape tape;
  const Variable x = variable(Tensor::zeros({2, 0, 3})), y = variable(row({1, 2, 3}));
  const Variable sum_of_none = add(tape, x, y);
  EXPECT_EQ(sum_of_none->value.shape(), Shape({2, 0, 3}));
  tape.backward(sum(tape, sum_of_none));
  testing::expect_same(y->gradient.values(), std::vector<float>{0, 0, 0});
}

TEST(ArithmeticTest, ConstantsGetNoGradient) {
  Tape tape;
  const Variable x = variable(row({1, 2})), c = constant(row({3}));
  for (const Pair operation : {add, subtract, multiply, divide, maximum, minimum}) {
    tape.backward(sum(tape, operation(tape, x, c)));
    tape.backward(sum(tape, operation(tape, c, x)));
  }
  EXPECT_TRUE(x->gradient.defined());
  EXPECT_FALSE(c->gradient.defined());
}

TEST(ArithmeticTest, ShapesThatDoNotMeetAreNamed) {
  Tape tape;
  const Variable x = constant(Tensor::zeros({2, 3})), y = constant(Tensor::zeros({3, 2}));
  EXPECT_EQ(thrown<ShapeError>([&] { add(tape, x, y); }),
            "add: y is (3, 2), which does not broadcast with (2, 3)");
  EXPECT_EQ(thrown<ShapeError>([&] { divide(tape, x, constant(row({1, 2}))); }),
            "divide: y is (2), which does not broadcast with (2, 3)");
  EXPECT_EQ(thrown<ShapeError>([&] { compare(x->value, y->value, kernels::Comparison::less); }),
            "compare: y is (3, 2), which does not broadcast with (2, 3)");
  for (const Pair operation : {subtract, multiply, maximum, minimum}) {
    EXPECT_THROW(operation(tape, x, y), ShapeError);
  }
}

}  // namespace

}  // namespace regard::autograd
