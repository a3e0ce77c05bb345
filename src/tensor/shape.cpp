// SPDX-License-Identifier: MIT
#include "tensor/shape.h"

#include <algorithm>
#include <limits>

#include "tensor/error.h"

namespace regard {

Shape::Shape(std::initializer_list<Index> sizes)
    : Shape(std::span<const Index>(sizes.begin(), sizes.size())) {}

Shape::Shape(std::span<const Index> sizes) : rank_(static_cast<Index>(sizes.size())) {
  if (rank_ > max_rank) {
    throw ValueError("shape: ", rank_, " axes, at most 6 are possible");
  }
  for (Index axis = 0; axis < rank_; ++axis) {
    const Index size = sizes[static_cast<size_t>(axis)];
    if (size < 0) throw ValueError("shape: a size is ", size, ", below 0");
    sizes_[static_cast<size_t>(axis)] = size;
    count_ = checked_product(count_, size);
  }
}

Index Shape::rows() const noexcept {
  Index rows = 1;
  for (Index axis = 0; axis + 1 < rank_; ++axis) rows *= sizes_[static_cast<size_t>(axis)];
  return rows;
}

bool Shape::operator==(const Shape& other) const noexcept {
  return rank_ == other.rank_ && std::equal(begin(), end(), other.begin());
}

std::string Shape::to_string() const {
  std::string text = "(";
  for (Index axis = 0; axis < rank_; ++axis) {
    if (axis) text += ", ";
    text += std::to_string(sizes_[static_cast<size_t>(axis)]);
  }
  return text + ")";
}

void expect_shape(const char* operation, const char* operand, const Shape& actual,
                  const Shape& expected) {
  if (actual == expected) return;
  throw ShapeError(operation, ": ", operand, " is ", actual, ", expected ", expected);
}

Index checked_product(Index a, Index b) {
  // Bytes of fp32 must be addressable as well, hence the quarter.
  constexpr Index limit = std::numeric_limits<Index>::max() / Index{sizeof(float)};
  Index product;
  if (__builtin_mul_overflow(a, b, &product) || product > limit) {
    throw OutOfMemoryError("shape: ", a, " x ", b, " elements are more than this host can address");
  }
  return product;
}

}  // namespace regard
