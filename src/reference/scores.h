// SPDX-License-Identifier: MIT
// How well each of L queries, the rows of q (L, D), fits each of S keys, the rows of k (S, Dk), in
// one head: a matrix (L, S).
#pragma once

#include <cmath>

#include "reference/matmul.h"

namespace regard::reference {

/// q·k [Luong et al. 2015, eq. 8].
template <class Number>
Matrix<Number> dot_scores(const Matrix<Number>& q, const Matrix<Number>& k) {
  return matmul(q, transpose(k));
}

/// q·k / sqrt(D) [Vaswani et al. 2017, eq. 1].
template <class Number>
Matrix<Number> scaled_dot_scores(const Matrix<Number>& q, const Matrix<Number>& k) {
  Matrix<Number> scores = dot_scores(q, k);
  for (Index l = 0; l < q.rows(); ++l) {
    for (Index s = 0; s < k.rows(); ++s) {
      scores(l, s) /= std::sqrt(static_cast<double>(q.columns()));
    }
  }
  return scores;
}

/// qᵀ W k, W (D, Dk) [Luong et al. 2015, eq. 8].
template <class Number>
Matrix<Number> general_scores(const Matrix<Number>& q, const Matrix<Number>& k,
                              const Matrix<Number>& weight) {
  return dot_scores(matmul(q, weight), k);
}

/// vᵀ tanh(a + c) for every row a of `queries` (L, M) and c of `keys` (S, M): additive scores
/// without their projections, as Keras has them.
template <class Number>
Matrix<Number> tanh_scores(const Matrix<Number>& queries, const Matrix<Number>& keys,
                           const Vector<Number>& v) {
  using std::tanh;
  Matrix<Number> scores(queries.rows(), keys.rows());
  for (Index l = 0; l < queries.rows(); ++l) {
    for (Index s = 0; s < keys.rows(); ++s) {
      Number score = 0.0;
      for (Index m = 0; m < queries.columns(); ++m) {
        score += v[static_cast<size_t>(m)] * tanh(queries(l, m) + keys(s, m));
      }
      scores(l, s) = score;
    }
  }
  return scores;
}

/// vᵀ tanh(W q + U k), W (M, D), U (M, Dk), v (M) [Bahdanau et al. 2014, appendix A.1.2].
template <class Number>
Matrix<Number> additive_scores(const Matrix<Number>& q, const Matrix<Number>& k,
                               const Matrix<Number>& query_weight, const Matrix<Number>& key_weight,
                               const Vector<Number>& v) {
  return tanh_scores(matmul(q, transpose(query_weight)), matmul(k, transpose(key_weight)), v);
}

/// vᵀ tanh(W [q; k]), W (M, D + Dk), v (M) [Luong et al. 2015, eq. 8].
template <class Number>
Matrix<Number> concat_scores(const Matrix<Number>& q, const Matrix<Number>& k,
                             const Matrix<Number>& weight, const Vector<Number>& v) {
  return additive_scores(q, k, weight.column_block(0, q.columns()),
                         weight.column_block(q.columns(), k.columns()), v);
}

/// q·k / (|q| |k|), 0 where either is 0 [Graves et al. 2014, eq. 6].
template <class Number>
Matrix<Number> cosine_scores(const Matrix<Number>& q, const Matrix<Number>& k) {
  const auto unit = [](const Vector<Number>& x) {
    using std::sqrt;
    Number squares = 0.0;
    for (const Number& value : x) squares += value * value;
    if (squares == Number(0.0)) return Vector<Number>(x.size(), Number(0.0));
    Vector<Number> result;
    for (const Number& value : x) result.push_back(value / sqrt(squares));
    return result;
  };
  return dot_scores(each_row(q, unit), each_row(k, unit));
}

/// W q, of W (S or more, D) the first S rows [Luong et al. 2015, section 3.1].
template <class Number>
Matrix<Number> location_scores(const Matrix<Number>& q, Index S, const Matrix<Number>& weight) {
  const Matrix<Number> all = dot_scores(q, weight);
  return all.column_block(0, S);
}

}  // namespace regard::reference
