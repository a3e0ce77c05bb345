// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <functional>
#include <limits>

#include "reference/matmul.h"
#include "reference/softmax.h"

namespace regard::reference {

/// Whether query i may see key j.
using Mask = std::function<bool(Index i, Index j)>;

inline Mask all_keys() {
  return [](Index, Index) { return true; };
}
/// Query i sees keys 0 … i.
inline Mask causal_top_left() {
  return [](Index i, Index j) { return j <= i; };
}
/// Of L queries and S keys the last query sees all keys, each one before it one less.
inline Mask causal_bottom_right(Index L, Index S) {
  return [=](Index i, Index j) { return j <= i + (S - L); };
}
/// Keys from `length` on are padding.
inline Mask first_keys(Index length) {
  return [=](Index, Index j) { return j < length; };
}
/// What both masks let through.
inline Mask both(Mask first, Mask second) {
  return [=](Index i, Index j) { return first(i, j) && second(i, j); };
}

template <class Number>
struct Attention {
  Matrix<Number> output;   ///< (L, Dv)
  Matrix<Number> weights;  ///< (L, S)
};

/// Scaled dot-product attention of one head [Vaswani et al. 2017, eq. 1]:
///
///     weights = softmax(scale Q Kᵀ), hidden keys at -infinity     output = weights V
///
/// q (L, D), k (S, D), v (S, Dv). A query that sees no key gives zeros.
template <class Number>
Attention<Number> attention(const Matrix<Number>& q, const Matrix<Number>& k,
                            const Matrix<Number>& v, double scale, const Mask& visible) {
  Matrix<Number> scores = matmul(q, transpose(k));
  for (Index i = 0; i < scores.rows(); ++i) {
    for (Index j = 0; j < scores.columns(); ++j) {
      const Number hidden = -std::numeric_limits<double>::infinity();
      scores(i, j) = visible(i, j) ? scores(i, j) * scale : hidden;
    }
  }
  Matrix<Number> weights = each_row(scores, softmax<Number>);
  Matrix<Number> output = matmul(weights, v);
  return {std::move(output), std::move(weights)};
}

/// The usual scale, 1 / sqrt(D).
inline double default_scale(Index D) { return 1.0 / std::sqrt(static_cast<double>(D)); }

}  // namespace regard::reference
