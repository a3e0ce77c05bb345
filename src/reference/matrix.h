// SPDX-License-Identifier: MIT
// The reference's only container. Everything in this folder is written to be read and to be right,
// in a number type of the reader's choice: double for values, Dual for their derivatives.
#pragma once

#include <utility>
#include <vector>

#include "tensor/shape.h"

namespace regard::reference {

template <class Number>
using Vector = std::vector<Number>;

/// A (rows, columns) matrix; m(i, j) is the number in row i and column j, counted from 0.
template <class Number>
class Matrix {
 public:
  Matrix() = default;
  Matrix(Index rows, Index columns)
      : Matrix(rows, columns, Vector<Number>(static_cast<size_t>(rows * columns))) {}
  /// Row-major values, rows * columns of them.
  Matrix(Index rows, Index columns, Vector<Number> values)
      : rows_(rows), columns_(columns), values_(std::move(values)) {}

  Index rows() const { return rows_; }
  Index columns() const { return columns_; }

  Number& operator()(Index i, Index j) { return values_[static_cast<size_t>(i * columns_ + j)]; }
  const Number& operator()(Index i, Index j) const {
    return values_[static_cast<size_t>(i * columns_ + j)];
  }

  /// All numbers, row by row.
  const Vector<Number>& values() const { return values_; }

  Vector<Number> row(Index i) const {
    return Vector<Number>(values_.begin() + i * columns_, values_.begin() + (i + 1) * columns_);
  }
  void set_row(Index i, const Vector<Number>& row) {
    for (Index j = 0; j < columns_; ++j) (*this)(i, j) = row[static_cast<size_t>(j)];
  }

  /// Columns begin … begin + count - 1: the part of one head.
  Matrix column_block(Index begin, Index count) const {
    Matrix block(rows_, count);
    for (Index i = 0; i < rows_; ++i) {
      for (Index j = 0; j < count; ++j) block(i, j) = (*this)(i, begin + j);
    }
    return block;
  }

 private:
  Index rows_ = 0;
  Index columns_ = 0;
  Vector<Number> values_;
};

/// row_function of every row.
template <class Number, class RowFunction>
Matrix<Number> each_row(const Matrix<Number>& x, const RowFunction& row_function) {
  Matrix<Number> y(x.rows(), x.columns());
  for (Index i = 0; i < x.rows(); ++i) y.set_row(i, row_function(x.row(i)));
  return y;
}

}  // namespace regard::reference
