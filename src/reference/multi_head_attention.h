// SPDX-License-Identifier: MIT
#pragma once

#include <optional>

#include "reference/attention.h"

namespace regard::reference {

template <class Number>
struct Projection {
  Matrix<Number> weight;  ///< (outputs, inputs)
  Vector<Number> bias;    ///< (outputs)
};

template <class Number>
struct MultiHeadParameters {
  Projection<Number> query;   ///< M to H D
  Projection<Number> key;     ///< M to H D
  Projection<Number> value;   ///< M to H Dv
  Projection<Number> output;  ///< H Dv to M
};

template <class Number>
struct MultiHeadAttention {
  Matrix<Number> output;           ///< (L, M)
  Vector<Matrix<Number>> weights;  ///< H of (L, S)
};

/// H heads that lie side by side in the rows of q (L, H D), k (S, H D) and v (S, H Dv): head h
/// is the h-th block of columns, and the outputs lie side by side again. Without a scale it is
/// 1 / sqrt(D).
template <class Number>
MultiHeadAttention<Number> attention_of_heads(const Matrix<Number>& q, const Matrix<Number>& k,
                                              const Matrix<Number>& v, Index H, const Mask& visible,
                                              std::optional<double> scale = {}) {
  const Index D = q.columns() / H;
  const Index Dv = v.columns() / H;
  MultiHeadAttention<Number> result{Matrix<Number>(q.rows(), H * Dv), {}};
  for (Index h = 0; h < H; ++h) {
    const auto [output, weights] =
        attention(q.column_block(h * D, D), k.column_block(h * D, D), v.column_block(h * Dv, Dv),
                  scale.value_or(default_scale(D)), visible);
    for (Index i = 0; i < output.rows(); ++i) {
      for (Index j = 0; j < Dv; ++j) result.output(i, h * Dv + j) = output(i, j);
    }
    result.weights.push_back(weights);
  }
  return result;
}

/// Multi-head attention [Vaswani et al. 2017, section 3.2.2]: queries from x (L, M), keys and
/// values from memory (S, M), which is x itself in self-attention.
template <class Number>
MultiHeadAttention<Number> multi_head_attention(const Matrix<Number>& x,
                                                const Matrix<Number>& memory,
                                                const MultiHeadParameters<Number>& parameters,
                                                Index H, const Mask& visible) {
  const auto project = [](const Matrix<Number>& rows, const Projection<Number>& projection) {
    return linear(rows, projection.weight, projection.bias);
  };
  MultiHeadAttention<Number> heads =
      attention_of_heads(project(x, parameters.query), project(memory, parameters.key),
                         project(memory, parameters.value), H, visible);
  heads.output = project(heads.output, parameters.output);
  return heads;
}

}  // namespace regard::reference
