// SPDX-License-Identifier: MIT
#pragma once

#include "reference/matrix.h"

namespace regard::reference {

/// C = A B:  C[i, j] = sum_k A[i, k] B[k, j], with A (M, K) and B (K, N).
template <class Number>
Matrix<Number> matmul(const Matrix<Number>& a, const Matrix<Number>& b) {
  Matrix<Number> c(a.rows(), b.columns());
  for (Index i = 0; i < a.rows(); ++i) {
    for (Index j = 0; j < b.columns(); ++j) {
      for (Index k = 0; k < a.columns(); ++k) c(i, j) += a(i, k) * b(k, j);
    }
  }
  return c;
}

template <class Number>
Matrix<Number> transpose(const Matrix<Number>& a) {
  Matrix<Number> result(a.columns(), a.rows());
  for (Index i = 0; i < a.rows(); ++i) {
    for (Index j = 0; j < a.columns(); ++j) result(j, i) = a(i, j);
  }
  return result;
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
