// SPDX-License-Identifier: MIT
// Attention of one head, with everything that it can be told: any score and alignment, masks,
// biases, mask values, empty rows, dropout. Batches and heads are loops around it.
#pragma once

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <optional>
#include <utility>

#include "reference/alignment.h"
#include "reference/dropout.h"
#include "reference/scores.h"
#include "reference/visibility.h"

namespace regard::reference {

template <class Number>
struct Attention {
  Matrix<Number> output;   ///< (L, Dv)
  Matrix<Number> weights;  ///< (L, S)
};

/// Every step of one head.
template <class Number>
struct AttentionSteps {
  Matrix<Number> raw, capped, masked, weights;  ///< (L, S)
  Matrix<Number> output;                        ///< (L, Dv)
};

/// What a query gets that sees no key.
enum class EmptyRow {
  zeros,
  nan,
  softmax,  ///< the weights of its masked scores, as if it saw every key
};

/// What one head is told.
template <class Number>
struct HeadOptions {
  /// The scores (L, S) of q (L, D) and k (S, Dk).
  std::function<Matrix<Number>(const Matrix<Number>& q, const Matrix<Number>& k)> score =
      dot_scores<Number>;
  double scale = 1.0;
  double softcap = 0.0;                  ///< 0 = none
  std::optional<Matrix<Number>> bias{};  ///< (L, S)

  Mask sees = all_keys();
  double mask_value = -std::numeric_limits<double>::infinity();
  bool adds_mask_value = false;  ///< to the score, in fp32, where -1e9 swallows most scores
  EmptyRow empty_row = EmptyRow::zeros;
  std::optional<Index> query_length{};  ///< later queries give zeros

  /// The weights of query i, of its scores (S) with -infinity for keys that take no part.
  std::function<Vector<Number>(Index i, const Vector<Number>& scores)> align =
      [](Index, const Vector<Number>& scores) { return softmax(scores); };
  std::vector<bool> kept{};  ///< (L S) the weights that dropout leaves; empty = all
  double dropout = 0.0;
};

/// softcap tanh(x / softcap).
template <class Number>
Number cap(const Number& x, double softcap) {
  using std::tanh;
  return softcap == 0.0 ? x : softcap * tanh(x / softcap);
}

/// a + b as fp32 gives it, with the derivative of a + b.
template <class Number>
Number fp32_sum(const Number& a, double b) {
  const float sum = static_cast<float>(value_of(a)) + static_cast<float>(b);
  return with_value(a, static_cast<double>(sum));
}

/// The score of a key that a query does not see: the mask value, alone or added to its score. What
/// would not be finite then is the mask value alone, so that no NaN comes out of a hidden key.
template <class Number>
Number hidden_score(const Number& score, const HeadOptions<Number>& options) {
  if (!options.adds_mask_value) return options.mask_value;
  const Number sum = fp32_sum(score, options.mask_value);
  return std::isfinite(value_of(sum)) ? sum : Number(options.mask_value);
}

/// Which of the S keys take part for query i: those that it sees; if it sees none, all or none.
template <class Number>
std::vector<bool> keys_in_use(Index i, Index S, const HeadOptions<Number>& options) {
  std::vector<bool> used;
  for (Index j = 0; j < S; ++j) used.push_back(options.sees(i, j));
  const bool empty = std::find(used.begin(), used.end(), true) == used.end();
  if (empty && options.empty_row == EmptyRow::softmax) used.assign(used.size(), true);
  return used;
}

/// The weights (S) of query i, from its masked scores (S). Dropout leaves NaN as it is.
template <class Number>
Vector<Number> weights_of(Index i, Vector<Number> scores, const std::vector<bool>& used,
                          const HeadOptions<Number>& options) {
  const bool empty = std::find(used.begin(), used.end(), true) == used.end();
  if (empty && options.empty_row == EmptyRow::nan) {
    return Vector<Number>(scores.size(), std::numeric_limits<double>::quiet_NaN());
  }
  for (size_t j = 0; j < scores.size(); ++j) {
    if (!used[j]) scores[j] = -std::numeric_limits<double>::infinity();
  }
  const Vector<Number> weights = options.align(i, scores);
  if (options.kept.empty()) return weights;
  const auto begin = options.kept.begin() + i * static_cast<Index>(weights.size());
  return dropout(weights, {begin, begin + static_cast<Index>(weights.size())}, options.dropout);
}

/// Every step of the attention of q (L, D), k (S, Dk) and v (S, Dv):
///
///     raw = scale score(Q, K)
///     capped = softcap tanh(raw / softcap)
///     masked = capped + bias, the mask value for keys that a query does not see
///     weights = dropout(align(masked))
///     output = weights V, where 0 times anything is 0: what nobody looks at may be infinite or NaN
template <class Number>
AttentionSteps<Number> attention_steps(const Matrix<Number>& q, const Matrix<Number>& k,
                                       const Matrix<Number>& v,
                                       const HeadOptions<Number>& options) {
  const Index L = q.rows(), S = k.rows(), Dv = v.columns();
  AttentionSteps<Number> steps;
  steps.raw = options.score(q, k);
  steps.capped = steps.masked = steps.weights = Matrix<Number>(L, S);
  steps.output = Matrix<Number>(L, Dv);

  for (Index i = 0; i < L; ++i) {
    for (Index j = 0; j < S; ++j) {
      steps.raw(i, j) = options.scale * steps.raw(i, j);
      steps.capped(i, j) = cap(steps.raw(i, j), options.softcap);
      const Number score =
          options.bias ? steps.capped(i, j) + (*options.bias)(i, j) : steps.capped(i, j);
      steps.masked(i, j) = options.sees(i, j) ? score : hidden_score(score, options);
    }
    if (i >= options.query_length.value_or(L)) continue;

    const std::vector<bool> used = keys_in_use(i, S, options);
    const Vector<Number> weights = weights_of(i, steps.masked.row(i), used, options);
    steps.weights.set_row(i, weights);
    for (Index d = 0; d < Dv; ++d) {
      for (Index j = 0; j < S; ++j) {
        const Number& weight = weights[static_cast<size_t>(j)];
        const bool nobody = !used[static_cast<size_t>(j)] && weight == Number(0.0);
        if (!nobody) steps.output(i, d) += weight * v(j, d);
      }
    }
  }
  return steps;
}

/// Scaled dot-product attention of one head [Vaswani et al. 2017, eq. 1]:
///
///     weights = softmax(scale Q Kᵀ), hidden keys at -infinity     output = weights V
///
/// q (L, D), k (S, D), v (S, Dv). A query that sees no key gives zeros.
template <class Number>
Attention<Number> attention(const Matrix<Number>& q, const Matrix<Number>& k,
                            const Matrix<Number>& v, double scale, const Mask& visible) {
  HeadOptions<Number> options;
  options.scale = scale;
  options.sees = visible;
  AttentionSteps<Number> steps = attention_steps(q, k, v, options);
  return {std::move(steps.output), std::move(steps.weights)};
}

/// The usual scale, 1 / sqrt(D).
inline double default_scale(Index D) { return 1.0 / std::sqrt(static_cast<double>(D)); }

/// The head of keys that head h of H queries reads: 0, 0, 1, 1 for H = 4 and 2 heads of keys.
inline Index key_head(Index h, Index H, Index key_heads) { return h / (H / key_heads); }

/// Keys or values (P, D) of the past, then the new ones (S, D).
template <class Number>
Matrix<Number> joined(const Matrix<Number>& past, const Matrix<Number>& x) {
  Vector<Number> rows = past.values();
  rows.insert(rows.end(), x.values().begin(), x.values().end());
  return Matrix<Number>(past.rows() + x.rows(), x.columns(), std::move(rows));
}

}  // namespace regard::reference
