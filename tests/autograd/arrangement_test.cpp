// SPDX-License-Identifier: MIT
#include "autograd/arrangement.h"

#include <numeric>

#include "autograd/check.h"
#include "thrown.h"

namespace regard::autograd {

namespace {

// An operation that only moves numbers: which number of its input comes out where is what it does
// to a count, and so are its gradients.
void check_moves(const Shape& shape, const Shape& expected, const Operation& operation,
                 const std::function<Index(const std::vector<Index>&)>& source) {
  check({shape}, operation, [&](const auto& in) {
    Duals result;
    for (const auto& place : places(expected)) {
      result.push_back(in[0][static_cast<size_t>(source(place))]);
    }
    return result;
  });
  Tape tape;
  EXPECT_EQ(operation(tape, {variable(Tensor::zeros(shape))})->value.shape(), expected);
}

Index flat(const Shape& shape, const std::vector<Index>& place) {
  Index result = 0;
  for (Index axis = 0; axis < shape.rank(); ++axis) {
    result = result * shape[axis] + place[static_cast<size_t>(axis)];
  }
  return result;
}

}  // namespace

void check_reshape() {
  for (const Shape& to : {Shape{6, 4}, Shape{24}, Shape{1, 2, 3, 4}, Shape{4, 3, 2}}) {
    check_moves(
        {2, 3, 4}, to, [&](Tape& tape, const auto& in) { return reshape(tape, in[0], to); },
        [&](const auto& place) { return flat(to, place); });
  }
}

void check_permute() {
  const Shape shape = {2, 3, 4, 5};
  std::vector<Index> order = {0, 1, 2, 3};
  do {
    std::vector<Index> sizes;
    for (const Index axis : order) sizes.push_back(shape[axis]);
    check_moves(
        shape, Shape(sizes),
        [&](Tape& tape, const auto& in) { return permute(tape, in[0], order); },
        [&](const auto& place) {
          std::vector<Index> from(4);
          for (size_t i = 0; i < 4; ++i) from[static_cast<size_t>(order[i])] = place[i];
          return flat(shape, from);
        });
  } while (std::next_permutation(order.begin(), order.end()));
}

void check_transpose() {
  const Shape shape = {2, 3, 300};
  for (const auto& [first, second] : {std::pair<Index, Index>{0, 1}, {-1, -2}, {2, 0}, {1, 1}}) {
    std::vector<Index> order = {0, 1, 2};
    std::swap(order[static_cast<size_t>((first + 3) % 3)],
              order[static_cast<size_t>((second + 3) % 3)]);
    const Shape expected = {shape[order[0]], shape[order[1]], shape[order[2]]};
    Tape tape;
    std::vector<float> count(1800);
    std::iota(count.begin(), count.end(), 0.0f);
    const Variable x = variable(Tensor::from(shape, count));
    const Variable y = transpose(tape, x, first, second);
    ASSERT_EQ(y->value.shape(), expected);
    std::vector<float> moved;
    for (const auto& place : places(expected)) {
      std::vector<Index> from(3);
      for (size_t i = 0; i < 3; ++i) from[static_cast<size_t>(order[i])] = place[i];
      moved.push_back(static_cast<float>(flat(shape, from)));
    }
    testing::expect_same(y->value.values(), moved);
    // the gradient goes back to where the numbers came from
    tape.backward(weighted_total(tape, y, y->value));
    testing::expect_same(x->gradient.values(), count);
  }
}

void check_broadcast_to() {
  const std::vector<std::pair<Shape, Shape>> pairs = {
      {{3, 1}, {3, 7}},          {{7}, {3, 7}},   {{}, {2, 3}}, {{1}, {5}},
      {{2, 1, 3}, {4, 2, 5, 3}}, {{2, 3}, {2, 3}}};
  for (const auto& [from, to] : pairs) {
    check_moves(
        from, to, [&](Tape& tape, const auto& in) { return broadcast_to(tape, in[0], to); },
        [&](const auto& place) {
          std::vector<Index> count(static_cast<size_t>(from.count()));
          std::iota(count.begin(), count.end(), Index{0});
          return at(count, from, place);
        });
  }
}

void check_slice() {
  const Shape shape = {4, 5, 6};
  for (const Index axis : {0, 1, 2}) {
    for (const auto& [start, stop] : {std::pair<Index, Index>{0, 4}, {1, 3}, {2, 3}, {0, 1}}) {
      std::vector<Index> sizes(shape.begin(), shape.end());
      sizes[static_cast<size_t>(axis)] = stop - start;
      check_moves(
          shape, Shape(sizes),
          [=](Tape& tape, const auto& in) { return slice(tape, in[0], axis - 3, start, stop); },
          [=](auto place) {
            place[static_cast<size_t>(axis)] += start;
            return flat(shape, place);
          });
    }
  }
}

void check_diagonal() {
  const Shape shape = {3, 4, 3};
  check_moves(
      shape, {4, 3}, [](Tape& tape, const auto& in) { return diagonal(tape, in[0], 0, -1); },
      [&](const auto& place) { return flat(shape, {place[1], place[0], place[1]}); });
  check_moves(
      {5, 5}, {5}, [](Tape& tape, const auto& in) { return diagonal(tape, in[0], 1, 0); },
      [](const auto& place) { return 6 * place[0]; });
}

void check_concatenate() {
  for (const Index axis : {0, 1, 2}) {
    std::vector<Shape> shapes;
    for (const Index size : {2, 1, 3, 0}) {
      std::vector<Index> sizes = {2, 3, 4};
      sizes[static_cast<size_t>(axis)] = size;
      shapes.emplace_back(sizes);
    }
    check(
        shapes, [=](Tape& tape, const auto& in) { return concatenate(tape, in, axis); },
        [&](const auto& in) {
          std::vector<Index> sizes = {2, 3, 4};
          sizes[static_cast<size_t>(axis)] = 6;
          Duals result;
          for (auto place : places(Shape(sizes))) {
            Index& along = place[static_cast<size_t>(axis)];
            size_t part = 0;
            while (along >= shapes[part][axis]) along -= shapes[part++][axis];
            result.push_back(at(in[part], shapes[part], place));
          }
          return result;
        });
  }
}

void check_stack() {
  const Shape shape = {2, 3};
  for (const Index axis : {0, 1, 2, -1}) {
    const auto along = static_cast<size_t>(axis < 0 ? axis + 3 : axis);
    check(
        {shape, shape, shape, shape},
        [=](Tape& tape, const auto& in) { return stack(tape, in, axis); },
        [&](const auto& in) {
          std::vector<Index> sizes = {2, 3};
          sizes.insert(sizes.begin() + static_cast<Index>(along), 4);
          Duals result;
          for (auto place : places(Shape(sizes))) {
            const auto part = static_cast<size_t>(place[along]);
            place.erase(place.begin() + static_cast<Index>(along));
            result.push_back(at(in[part], shape, place));
          }
          return result;
        });
  }
}

namespace {

TEST(ArrangementTest, AReshapeCopiesNothing) {
  Tape tape;
  const Variable x = variable(Tensor::zeros({2, 3}));
  EXPECT_EQ(reshape(tape, x, {3, 2})->value.data(), x->value.data());
}

TEST(ArrangementTest, EmptyTensorsAreArrangedAsWell) {
  Tape tape;
  const Variable x = variable(Tensor::zeros({2, 0, 3}));
  EXPECT_EQ(permute(tape, x, {2, 0, 1})->value.shape(), Shape({3, 2, 0}));
  EXPECT_EQ(reshape(tape, x, {0, 5})->value.shape(), Shape({0, 5}));
  EXPECT_EQ(slice(tape, x, 2, 1, 1)->value.shape(), Shape({2, 0, 0}));
  EXPECT_EQ(concatenate(tape, {x, x}, 0)->value.shape(), Shape({4, 0, 3}));
  EXPECT_EQ(broadcast_to(tape, x, {4, 2, 0, 3})->value.shape(), Shape({4, 2, 0, 3}));
}

TEST(ArrangementTest, WhatDoesNotFitIsNamed) {
  Tape tape;
  const auto of = [](const Shape& shape) { return constant(Tensor::zeros(shape)); };
  const Variable x = of({2, 3, 4});
  EXPECT_EQ(thrown<ShapeError>([&] { reshape(tape, x, {5, 5}); }),
            "reshape: tensor is (2, 3, 4), its 24 elements do not fill (5, 5)");
  EXPECT_EQ(thrown<ValueError>([&] { permute(tape, x, {0, 1}); }),
            "permute: the order names 2 axes, expected all of (2, 3, 4)");
  EXPECT_EQ(thrown<ValueError>([&] { permute(tape, x, {0, 1, -2}); }),
            "permute: the order names axis 1 twice");
  EXPECT_EQ(thrown<ValueError>([&] { permute(tape, x, {0, 1, 3}); }),
            "permute: 3 is not one of the axes of (2, 3, 4)");
  EXPECT_EQ(thrown<ValueError>([&] { transpose(tape, x, 0, -4); }),
            "transpose: -4 is not one of the axes of (2, 3, 4)");
  EXPECT_EQ(thrown<ShapeError>([&] { broadcast_to(tape, x, {2, 3, 5}); }),
            "broadcast_to: x is (2, 3, 4), which does not broadcast with (2, 3, 5)");
  EXPECT_EQ(thrown<ShapeError>([&] { broadcast_to(tape, x, {1, 4}); }),
            "broadcast_to: x is (2, 3, 4), which does not broadcast to (1, 4)");
  EXPECT_EQ(thrown<ValueError>([&] { slice(tape, x, 1, 1, 4); }),
            "slice: places 1 to 4 do not lie within axis 1 of (2, 3, 4)");
  EXPECT_EQ(thrown<ValueError>([&] { slice(tape, x, -1, 3, 2); }),
            "slice: places 3 to 2 do not lie within axis 2 of (2, 3, 4)");
  EXPECT_EQ(thrown<ShapeError>([&] { diagonal(tape, x, 0, 1); }),
            "diagonal: x is (2, 3, 4), expected axes 0 and 1 of one size");
  EXPECT_EQ(thrown<ValueError>([&] { diagonal(tape, x, 2, -1); }), "diagonal: both axes are 2");
  EXPECT_EQ(thrown<ShapeError>([&] { concatenate(tape, {x, of({2, 5, 3})}, 1); }),
            "concatenate: part 1 is (2, 5, 3), expected (2, 5, 4)");
  EXPECT_EQ(thrown<ShapeError>([&] { concatenate(tape, {x, of({3, 4})}, 0); }),
            "concatenate: part 1 is (3, 4), expected (2, 3, 4)");
  EXPECT_EQ(thrown<ValueError>([&] { concatenate(tape, {}, 0); }),
            "concatenate: there are no parts");
  EXPECT_EQ(thrown<ShapeError>([&] { stack(tape, {x, of({2, 3})}, 0); }),
            "stack: part 1 is (2, 3), expected (2, 3, 4)");
  EXPECT_EQ(thrown<ValueError>([&] { stack(tape, {}, 0); }), "stack: there are no parts");
  EXPECT_THROW(stack(tape, {of({1, 1, 1, 1, 1, 1})}, 0), ValueError);
}

}  // namespace

}  // namespace regard::autograd
