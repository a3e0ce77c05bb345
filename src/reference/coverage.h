// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <limits>

#include "reference/matmul.h"
#include "reference/softmax.h"
#include "reference/visibility.h"

namespace regard::reference {

template <class Number>
struct CoverageParameters {
  Matrix<Number> query, key;              ///< W (M, D), U (M, Dk)
  Vector<Number> coverage, vector, bias;  ///< w_c, v, b (M)
};

template <class Number>
struct CoverageAttention {
  Matrix<Number> output;    ///< (L, Dv)
  Matrix<Number> weights;   ///< (L, S)
  Matrix<Number> coverage;  ///< (L + 1, S)
  Vector<Number> loss;      ///< (L)
};

/// One sequence of queries with a memory of where it has looked [See et al. 2017, eq. 10 to 13]:
///
///     e_t = vᵀ tanh(W q_t + U k + w_c c_t + b),  a_t = softmax(e_t),  c_{t+1} = c_t + a_t
///     output_t = a_t V,  loss_t = sum_s min(a_t[s], c_t[s])
///
/// q (L, D), k (S, Dk), v (S, Dv), initial (S) the first c.
template <class Number>
CoverageAttention<Number> coverage_attention(const Matrix<Number>& q, const Matrix<Number>& k,
                                             const Matrix<Number>& v,
                                             const CoverageParameters<Number>& parameters,
                                             const Vector<Number>& initial, const Mask& sees) {
  using std::tanh;
  const Index L = q.rows(), S = k.rows(), M = parameters.query.rows();
  const Matrix<Number> queries = matmul(q, transpose(parameters.query));
  const Matrix<Number> keys = matmul(k, transpose(parameters.key));
  CoverageAttention<Number> result{{}, Matrix<Number>(L, S), Matrix<Number>(L + 1, S), {}};
  result.coverage.set_row(0, initial);
  for (Index t = 0; t < L; ++t) {
    Vector<Number> scores;
    for (Index s = 0; s < S; ++s) {
      Number score = 0.0;
      for (Index m = 0; m < M; ++m) {
        const auto i = static_cast<size_t>(m);
        score += parameters.vector[i] *
                 tanh(queries(t, m) + keys(s, m) + parameters.coverage[i] * result.coverage(t, s) +
                      parameters.bias[i]);
      }
      scores.push_back(sees(t, s) ? score : Number(-std::numeric_limits<double>::infinity()));
    }
    result.weights.set_row(t, softmax(scores));

    Number loss = 0.0;
    for (Index s = 0; s < S; ++s) {
      const Number weight = result.weights(t, s), covered = result.coverage(t, s);
      loss += weight < covered ? weight : covered;
      result.coverage(t + 1, s) = covered + weight;
    }
    result.loss.push_back(loss);
  }
  result.output = matmul(result.weights, v);
  return result;
}

}  // namespace regard::reference
