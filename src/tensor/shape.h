// SPDX-License-Identifier: MIT
// The letters of every shape in this project, in code, documents and errors:
//   B batch, H heads, L queries, S keys, D key width, Dv value width,
//   M model width, F feed-forward width, V vocabulary.
#pragma once

#include <array>
#include <cstddef>
#include <initializer_list>
#include <span>
#include <string>

namespace regard {

/// The one index and size type: signed, so that differences are safe.
using Index = std::ptrdiff_t;

/// The sizes of a tensor's axes, outermost first; up to six of them, none negative.
class Shape {
 public:
  static constexpr Index max_rank = 6;

  /// Rank 0: a single number.
  Shape() = default;
  /// throws ValueError if a size is negative or there are more than six;
  ///        OutOfMemoryError if the sizes multiply to more than can be addressed.
  Shape(std::initializer_list<Index> sizes);
  explicit Shape(std::span<const Index> sizes);

  Index rank() const noexcept { return rank_; }
  /// The number of elements, 1 for rank 0.
  Index count() const noexcept { return count_; }
  Index operator[](Index axis) const noexcept { return sizes_[static_cast<size_t>(axis)]; }
  /// The innermost size, 1 for rank 0.
  Index back() const noexcept { return rank_ ? sizes_[static_cast<size_t>(rank_ - 1)] : 1; }
  /// How many rows of `back()` elements there are.
  Index rows() const noexcept;

  const Index* begin() const noexcept { return sizes_.data(); }
  const Index* end() const noexcept { return sizes_.data() + rank_; }
  bool operator==(const Shape& other) const noexcept;

  /// As errors print it: `(2, 3, 6, 9)`.
  std::string to_string() const;

 private:
  std::array<Index, max_rank> sizes_{};
  Index rank_ = 0;
  Index count_ = 1;
};

/// throws ShapeError "operation: operand is (…), expected (…)" unless the two agree.
void expect_shape(const char* operation, const char* operand, const Shape& actual,
                  const Shape& expected);

/// a * b for sizes. throws OutOfMemoryError if the product cannot be addressed.
Index checked_product(Index a, Index b);

}  // namespace regard
