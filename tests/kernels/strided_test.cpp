// SPDX-License-Identifier: MIT
#include "kernels/strided.h"

#include "support/numbers.h"

namespace regard {
namespace {

using kernels::contiguous;
using kernels::Loop;
using kernels::make_loop;
using kernels::Strides;
using testing::Guarded;

std::vector<Index> sizes_of(const Loop& loop) {
  return {loop.sizes.begin(), loop.sizes.begin() + loop.rank};
}

TEST(StridedTest, AxesMergeWhereAllOperandsAllow) {
  const Shape shape = {2, 3, 1, 5};
  const Strides own = contiguous(shape);
  EXPECT_EQ(own[0], 15);
  EXPECT_EQ(sizes_of(make_loop(shape, {{own, own}})), std::vector<Index>{30});
  // repeated along the first axis: the others still merge
  EXPECT_EQ(sizes_of(make_loop(shape, {{own, Strides{0, 5, 0, 1}}})), (std::vector<Index>{2, 15}));
  // repeated along the last
  EXPECT_EQ(sizes_of(make_loop(shape, {{own, Strides{3, 1, 0, 0}}})), (std::vector<Index>{6, 5}));
  EXPECT_EQ(sizes_of(make_loop({}, {{Strides{}}})), std::vector<Index>{1});
  EXPECT_EQ(make_loop({4, 0, 2}, {{contiguous({4, 0, 2})}}).count, 0);
}

TEST(StridedTest, PlacesAreRowMajor) {
  const Loop loop = make_loop({3, 4}, {{Strides{1, 3}, Strides{0, 1}}});
  for (Index place = 0; place < 12; ++place) {
    const auto at = kernels::offsets_at(loop, place);
    EXPECT_EQ(at[0], place / 4 + place % 4 * 3);
    EXPECT_EQ(at[1], place % 4);
  }
}

// Rows that are copied through every kind of step, on both sides, and nothing besides.
TEST(StridedTest, CopiesThroughAnySteps) {
  for (const Index n : testing::sizes()) {
    for (const Index from : {0, 1, 2, 5}) {
      for (const Index to : {1, 3}) {
        const auto numbers = testing::numbers(3 * (n * 5 + 1), 71);
        std::vector<float> expected = testing::numbers(3 * (n * 3 + 1), 72);
        Guarded x(numbers, 1), y(expected, 3);
        const Strides x_strides = {n * 5 + 1, from}, y_strides = {n * 3 + 1, to};
        kernels::copy(make_loop({3, n}, {{x_strides, y_strides}}), x.data(), y.data());
        for (Index i = 0; i < 3; ++i) {
          for (Index j = 0; j < n; ++j) {
            expected[static_cast<size_t>(i * (n * 3 + 1) + j * to)] =
                numbers[static_cast<size_t>(i * (n * 5 + 1) + j * from)];
          }
        }
        testing::expect_same(y.values(), expected);
      }
    }
  }
}

// Longer than what is copied at a time.
TEST(StridedTest, TransposesLongRows) {
  constexpr Index rows = 3, columns = 700;
  const auto numbers = testing::numbers(rows * columns, 73);
  Guarded x(numbers), y(rows * columns);
  kernels::copy(make_loop({rows, columns}, {{Strides{1, rows}, contiguous({rows, columns})}}),
                x.data(), y.data());
  for (Index i = 0; i < rows; ++i) {
    for (Index j = 0; j < columns; ++j) {
      ASSERT_EQ(y.data()[i * columns + j], numbers[static_cast<size_t>(j * rows + i)]);
    }
  }
}

}  // namespace
}  // namespace regard
