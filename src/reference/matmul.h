// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include "reference/dual.h"
#include "reference/matrix.h"
#include "reference/rounded.h"

namespace Eigen {

// What Eigen wants to know of a number type that is not its own: ours cost and round like some
// doubles.
template <class Number>
struct NumTraitsLikeDouble : NumTraits<double> {
  using Real = Number;
  using NonInteger = Number;
  using Nested = Number;
};
template <>
struct NumTraits<regard::reference::Dual> : NumTraitsLikeDouble<regard::reference::Dual> {};
template <>
struct NumTraits<regard::reference::Rounded> : NumTraitsLikeDouble<regard::reference::Rounded> {};

}  // namespace Eigen

namespace regard::reference {

/// A matrix as Eigen sees it, whose products are the oracle of ours.
template <class Number>
using Dense = Eigen::Matrix<Number, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

template <class Number>
Eigen::Map<const Dense<Number>> dense(const Matrix<Number>& m) {
  return {m.values().data(), m.rows(), m.columns()};
}

template <class Number>
Matrix<Number> matrix_of(const Dense<Number>& m) {
  return Matrix<Number>(m.rows(), m.cols(), Vector<Number>(m.data(), m.data() + m.size()));
}

/// C = A B:  C[i, j] = sum_k A[i, k] B[k, j], with A (M, K) and B (K, N).
template <class Number>
Matrix<Number> matmul(const Matrix<Number>& a, const Matrix<Number>& b) {
  return matrix_of<Number>(dense(a).lazyProduct(dense(b)));
}

template <class Number>
Matrix<Number> transpose(const Matrix<Number>& a) {
  return matrix_of<Number>(dense(a).transpose());
}

/// x Wᵀ + b, each row of x on its own: x (rows, K), weight (N, K), bias (N).
template <class Number>
Matrix<Number> linear(const Matrix<Number>& x, const Matrix<Number>& weight,
                      const Vector<Number>& bias) {
  Matrix<Number> y = matmul(x, transpose(weight));
  for (Index i = 0; i < y.rows(); ++i) {
    for (Index j = 0; j < y.columns(); ++j) y(i, j) += bias[static_cast<size_t>(j)];
  }
  return y;
}

}  // namespace regard::reference
