// SPDX-License-Identifier: MIT
#include "tensor/shape.h"

#include <gtest/gtest.h>

#include <limits>

#include "tensor/error.h"

namespace regard {
namespace {

constexpr Index huge = std::numeric_limits<Index>::max();

TEST(ShapeTest, CountsAndPrints) {
  const Shape shape{2, 3, 4};
  EXPECT_EQ(shape.rank(), 3);
  EXPECT_EQ(shape.count(), 24);
  EXPECT_EQ(shape.rows(), 6);
  EXPECT_EQ(shape.back(), 4);
  EXPECT_EQ(shape[1], 3);
  EXPECT_EQ(shape.to_string(), "(2, 3, 4)");
}

TEST(ShapeTest, RankZeroIsOneNumber) {
  EXPECT_EQ(Shape().count(), 1);
  EXPECT_EQ(Shape().rows(), 1);
  EXPECT_EQ(Shape().back(), 1);
  EXPECT_EQ(Shape().to_string(), "()");
}

TEST(ShapeTest, AnEmptyAxisEmptiesAll) {
  EXPECT_EQ((Shape{3, 0, 5}.count()), 0);
  EXPECT_EQ((Shape{huge / 8, 0}.count()), 0);
}

TEST(ShapeTest, RankAndSizesDistinguish) {
  EXPECT_EQ((Shape{2, 3}), (Shape{2, 3}));
  EXPECT_FALSE((Shape{2, 3}) == (Shape{3, 2}));
  EXPECT_FALSE((Shape{2, 3}) == (Shape{2, 3, 1}));
}

TEST(ShapeTest, NegativeSizesAndSevenAxesAreRefused) {
  EXPECT_THROW((Shape{2, -1}), ValueError);
  EXPECT_NO_THROW((Shape{1, 1, 1, 1, 1, 1}));
  EXPECT_THROW((Shape{1, 1, 1, 1, 1, 1, 1}), ValueError);
}

// Sizes whose product wraps around, also to something small, are found out before it is used.
TEST(ShapeTest, ProductsThatOverflowAreRefused) {
  EXPECT_THROW((Shape{huge, 2}), OutOfMemoryError);
  EXPECT_THROW((Shape{huge / 2 + 1, 4}), OutOfMemoryError);
  EXPECT_THROW((Shape{Index{1} << 31, Index{1} << 31, 4}), OutOfMemoryError);
  EXPECT_THROW((Shape{huge}), OutOfMemoryError);  // its bytes overflow
  EXPECT_EQ(checked_product(1 << 20, 1 << 10), Index{1} << 30);
}

TEST(ShapeTest, ExpectShapeNamesAllThatDiffers) {
  EXPECT_NO_THROW(expect_shape("attention", "k", {2, 3}, {2, 3}));
  try {
    expect_shape("attention", "k", {2, 3, 6, 9}, {2, 3, 6, 7});
    FAIL() << "no error";
  } catch (const ShapeError& error) {
    EXPECT_STREQ(error.what(), "attention: k is (2, 3, 6, 9), expected (2, 3, 6, 7)");
    EXPECT_STREQ(error.name(), "ShapeError");
  }
}

}  // namespace
}  // namespace regard
