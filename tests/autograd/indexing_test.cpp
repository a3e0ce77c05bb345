// SPDX-License-Identifier: MIT
#include "autograd/indexing.h"

#include <limits>

#include "autograd/check.h"
#include "autograd/reduction.h"
#include "reference/embedding.h"
#include "thrown.h"

namespace regard::autograd {

void check_index_select() {
  const Shape shape = {3, 4, 5};
  for (const Index axis : {0, 1, 2}) {
    // places that come often, and some that never do
    const Indices indices({2, 0, 2, 1, 2, 0}, {2, 3});
    std::vector<Index> sizes(shape.begin(), shape.begin() + axis);
    sizes.insert(sizes.end(), {2, 3});
    sizes.insert(sizes.end(), shape.begin() + axis + 1, shape.end());
    check(
        {shape},
        [&](Tape& tape, const auto& in) { return index_select(tape, in[0], indices, axis - 3); },
        [&](const auto& in) {
          Duals result;
          for (auto place : places(Shape(sizes))) {
            const auto first = place.begin() + axis;
            const Index chosen = indices.ids[static_cast<size_t>(3 * first[0] + first[1])];
            place.erase(first);
            place[static_cast<size_t>(axis)] = chosen;
            result.push_back(at(in[0], shape, place));
          }
          return result;
        });
  }
}

void check_take_along_axis() {
  const Shape shape = {3, 4, 5};
  for (const Index axis : {0, 1, 2}) {
    std::vector<Index> sizes(shape.begin(), shape.end());
    sizes[static_cast<size_t>(axis)] = 2;
    const Shape taken(sizes);
    Ids ids;
    for (Index i = 0; i < taken.count(); ++i) ids.push_back(static_cast<Id>(i * 7 % shape[axis]));
    const Indices indices(ids, taken);
    check(
        {shape},
        [&](Tape& tape, const auto& in) { return take_along_axis(tape, in[0], indices, axis); },
        [&](const auto& in) {
          Duals result;
          auto id = ids.begin();
          for (auto place : places(taken)) {
            place[static_cast<size_t>(axis)] = *id++;
            result.push_back(at(in[0], shape, place));
          }
          return result;
        });
  }
}

void check_embedding() {
  const Ids ids = {4, 0, 4, 1, 3, 0};
  const Tensor positions = random_tensor({3, 7}, 51);
  check(
      {{5, 7}},
      [&](Tape& tape, const auto& in) { return embedding(tape, ids, 2, in[0], 1.5f, positions); },
      [&](const auto& in) {
        auto rows = reference::embedding(ids, matrix(5, in[0]), 1.5);
        for (Index i = 0; i < 6; ++i) {
          for (Index j = 0; j < 7; ++j) rows(i, j) += positions.data()[i % 3 * 7 + j];
        }
        return rows.values();
      });
}

namespace {

TEST(IndexingTest, ATableIsAnEmbedding) {
  Tape tape;
  const Variable table = variable(random_tensor({5, 7}, 3));
  const Ids ids = {4, 0, 4, 1, 3, 0};
  const Variable chosen = index_select(tape, table, {ids, {2, 3}}, 0);
  EXPECT_EQ(chosen->value.shape(), Shape({2, 3, 7}));
  testing::expect_same(chosen->value.values(), embedding(tape, ids, 2, table, 1)->value.values());
}

TEST(IndexingTest, TheFirstOfTheLargestIsFound) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const Tensor x = Tensor::from({2, 2, 3}, std::vector<float>{1, 5, 5, 7, 2, 7,  //
                                                              0, nan, 9, -3, -2, nan});
  const auto expect = [&](Index axis, bool keep, const Shape& shape, const Ids& ids) {
    const Indices found = argmax(x, axis, keep);
    EXPECT_EQ(found.shape, shape);
    EXPECT_EQ(found.ids, ids);
  };
  expect(-1, false, {2, 2}, {1, 0, 1, 2});
  expect(2, true, {2, 2, 1}, {1, 0, 1, 2});
  expect(1, false, {2, 3}, {1, 0, 1, 0, 0, 1});
  expect(0, true, {1, 2, 3}, {0, 1, 1, 0, 0, 1});
  EXPECT_EQ(argmax(Tensor::zeros({0, 3}), 1).shape, Shape({0}));
}

TEST(IndexingTest, ClassesBecomeOnes) {
  const Tensor ones = one_hot({{2, 0, 1, 2}, {2, 2}}, 3);
  EXPECT_EQ(ones.shape(), Shape({2, 2, 3}));
  testing::expect_same(ones.values(), std::vector<float>{0, 0, 1, 1, 0, 0, 0, 1, 0, 0, 0, 1});
  EXPECT_EQ(one_hot({{}, {0}}, 3).shape(), Shape({0, 3}));
}

TEST(IndexingTest, NoPlacesGiveNothing) {
  Tape tape;
  const Variable x = variable(Tensor::zeros({2, 3}));
  const Variable none = index_select(tape, x, {{}, {0}}, 1);
  EXPECT_EQ(none->value.shape(), Shape({2, 0}));
  tape.backward(sum(tape, none));
  testing::expect_same(x->gradient.values(), std::vector<float>(6));
}

TEST(IndexingTest, PlacesOutsideAreNamed) {
  Tape tape;
  const Variable x = constant(Tensor::zeros({2, 3}));
  EXPECT_EQ(thrown<ValueError>([&] { index_select(tape, x, {{0, 3}, {2}}, 1); }),
            "index_select: place 3 is not on an axis of 3");
  EXPECT_EQ(thrown<ValueError>([&] { index_select(tape, x, {{-1}, {1}}, 0); }),
            "index_select: place -1 is not on an axis of 2");
  EXPECT_EQ(thrown<ValueError>([&] { index_select(tape, x, {{0}, {1}}, 2); }),
            "index_select: 2 is not one of the axes of (2, 3)");
  EXPECT_EQ(thrown<ValueError>([&] { take_along_axis(tape, x, {{0, 2, 1}, {1, 3}}, 0); }),
            "take_along_axis: place 2 is not on an axis of 2");
  EXPECT_EQ(thrown<ShapeError>([&] { take_along_axis(tape, x, {{0, 1}, {2}}, 1); }),
            "take_along_axis: indices is (2), expected (2, 3)");
  EXPECT_EQ(thrown<ShapeError>([&] { take_along_axis(tape, x, {{0, 1}, {1, 2}}, 1); }),
            "take_along_axis: indices is (1, 2), expected (2, 2)");
  EXPECT_EQ(thrown<ValueError>([&] { one_hot({{3}, {1}}, 3); }),
            "one_hot: place 3 is not on an axis of 3");
  EXPECT_EQ(thrown<ShapeError>([&] { argmax(Tensor::zeros({2, 0}), 1); }),
            "argmax: x is (2, 0), whose axis 1 has no largest element");
  EXPECT_EQ(thrown<ShapeError>([&] { Indices({1, 2}, {3}); }),
            "indices: 2 numbers, expected 3 for the shape (3)");
}

}  // namespace

}  // namespace regard::autograd
