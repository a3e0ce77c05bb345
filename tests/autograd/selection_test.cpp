// SPDX-License-Identifier: MIT
#include "autograd/selection.h"

#include <limits>

#include "autograd/check.h"
#include "autograd/reduction.h"
#include "thrown.h"

namespace regard::autograd {

namespace {

// Zeros and numbers other than zero, in no pattern.
Tensor random_mask(const Shape& shape, uint64_t seed) {
  Tensor mask = random_tensor(shape, seed);
  for (float& value : mask.values()) value = value < 0.2f ? 0.0f : value;
  return mask;
}

std::vector<float> numbers_of(const Tensor& x) { return {x.values().begin(), x.values().end()}; }

}  // namespace

void check_where() {
  const std::vector<std::array<Shape, 3>> shapes = {{{{3, 7}, {3, 7}, {3, 7}}},
                                                    {{{3, 1}, {3, 7}, {7}}},
                                                    {{{2, 1, 5}, {3, 1}, {}}},
                                                    {{{3, 4}, {}, {2, 3, 4}}},
                                                    {{{}, {2, 1}, {1, 21}}}};
  for (const auto& [c, x, y] : shapes) {
    SCOPED_TRACE(c.to_string() + x.to_string() + y.to_string());
    const Tensor condition = random_mask(c, 7);
    check(
        {x, y}, [&](Tape& tape, const auto& in) { return where(tape, condition, in[0], in[1]); },
        [&](const auto& in) {
          Duals result;
          for (const auto& place : places(broadcast(c, broadcast(x, y)))) {
            const bool chosen = at(numbers_of(condition), c, place) != 0;
            result.push_back(chosen ? at(in[0], x, place) : at(in[1], y, place));
          }
          return result;
        });
  }
}

void check_masked_fill() {
  const Shape x = {2, 3, 4, 5};
  for (const Shape& shape :
       {x, Shape{5}, Shape{4, 5}, Shape{2, 1, 1, 5}, Shape{3, 4, 1}, Shape{}}) {
    SCOPED_TRACE(shape.to_string());
    const Tensor mask = random_mask(shape, 8);
    check(
        {x}, [&](Tape& tape, const auto& in) { return masked_fill(tape, in[0], mask, -2.5f); },
        [&](const auto& in) {
          Duals result;
          for (const auto& place : places(x)) {
            const bool filled = at(numbers_of(mask), shape, place) != 0;
            result.push_back(filled ? Dual(-2.5) : at(in[0], x, place));
          }
          return result;
        });
  }
}

void check_triangle() {
  const Shape shape = {2, 4, 6};
  for (const Triangle part : {Triangle::lower, Triangle::upper}) {
    for (const Index diagonal : {-5, -2, 0, 1, 7}) {
      check(
          {shape},
          [=](Tape& tape, const auto& in) { return triangle(tape, in[0], part, diagonal); },
          [=](const auto& in) {
            Duals result;
            for (const auto& place : places(shape)) {
              const Index i = place[1], j = place[2];
              const bool stays = part == Triangle::lower ? j <= i + diagonal : j >= i + diagonal;
              result.push_back(stays ? at(in[0], shape, place) : Dual(0.0));
            }
            return result;
          });
    }
  }
}

namespace {

// 0 times infinity is NaN: what is hidden must not be multiplied with.
TEST(SelectionTest, WhatIsNotChosenLeavesNoTrace) {
  constexpr float infinity = std::numeric_limits<float>::infinity();
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const Tensor mask = Tensor::from({3}, std::vector<float>{1, 0, 1});
  Tape tape;
  const Variable x = variable(Tensor::from({3}, std::vector<float>{nan, 2, infinity}));
  const Variable filled = masked_fill(tape, x, mask, -infinity);
  testing::expect_same(filled->value.values(), std::vector<float>{-infinity, 2, -infinity});

  const Variable y = variable(Tensor::from({3}, std::vector<float>{1, nan, 3}));
  const Variable chosen = where(tape, mask, y, x);
  testing::expect_same(chosen->value.values(), std::vector<float>{1, 2, 3});
  const Tensor weights = Tensor::from({3}, std::vector<float>{infinity, 5, infinity});
  tape.backward(weighted_total(tape, filled, weights));
  testing::expect_same(x->gradient.values(), std::vector<float>{0, 5, 0});
}

TEST(SelectionTest, WhatCannotBeAddressedIsRefused) {
  Tape tape;
  constexpr Index n = Index{1} << 21;  // 2^63 places
  const Tensor line = Tensor::zeros({n});
  EXPECT_THROW(where(tape, line.reshape({n, 1, 1}), constant(line.reshape({1, n, 1})),
                     constant(line.reshape({1, 1, n}))),
               OutOfMemoryError);
}

TEST(SelectionTest, MasksThatDoNotFitAreNamed) {
  Tape tape;
  const Variable x = constant(Tensor::zeros({2, 3}));
  EXPECT_EQ(thrown<ShapeError>([&] { masked_fill(tape, x, Tensor::zeros({2}), 0); }),
            "masked_fill: mask is (2), which does not broadcast with (2, 3)");
  EXPECT_EQ(thrown<ShapeError>([&] { masked_fill(tape, x, Tensor::zeros({4, 2, 3}), 0); }),
            "masked_fill: mask is (4, 2, 3), which is more than x, (2, 3)");
  EXPECT_EQ(thrown<ShapeError>([&] { where(tape, Tensor::zeros({2}), x, x); }),
            "where: condition is (2), which does not broadcast with (2, 3)");
  EXPECT_EQ(
      thrown<ShapeError>([&] { where(tape, Tensor::zeros({}), x, constant(Tensor::zeros({2}))); }),
      "where: y is (2), which does not broadcast with (2, 3)");
  EXPECT_EQ(
      thrown<ShapeError>([&] { triangle(tape, constant(Tensor::zeros({3})), Triangle::lower); }),
      "triangle: x is (3), expected (..., rows, columns)");
}

}  // namespace

}  // namespace regard::autograd
