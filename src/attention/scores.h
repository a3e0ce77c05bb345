// SPDX-License-Identifier: MIT
// How well a query fits a key: the scores that the literature names.
#pragma once

#include "tensor/tensor.h"

namespace regard::attention {

enum class Score {
  scaled_dot,  ///< q·k / sqrt(D)                        [Vaswani et al. 2017, eq. 1]
  dot,         ///< q·k                                  [Luong et al. 2015, eq. 8]
  general,     ///< qᵀ W k                               [Luong et al. 2015, eq. 8]
  concat,      ///< vᵀ tanh(W [q; k])                    [Luong et al. 2015, eq. 8]
  additive,    ///< vᵀ tanh(W q + U k)                   [Bahdanau et al. 2014, appendix A.1.2]
  cosine,      ///< q·k / (|q| |k|), 0 if either is 0    [Graves et al. 2014, eq. 6]
  location,    ///< W q, a number for each place of key  [Luong et al. 2015, section 3.1]
};

/// What a score learns. A score uses the ones that are named for it and refuses others.
struct ScoreParameters {
  Tensor query{};   ///< general W (D, Dk); additive W (M, D), or undefined for the identity;
                    ///< concat W (M, D + Dk); location W (S or more, D)
  Tensor key{};     ///< additive U (M, Dk), or undefined for the identity
  Tensor vector{};  ///< additive and concat v (M)
};

/// What a score is multiplied by if nothing is said: 1 / sqrt(D) for scaled_dot, else 1.
float default_scale(Score score, Index D) noexcept;

/// Refuses, before any work, what scores() could not take.
///
/// q        (B, H, L, D)
/// k        (B, kv heads, S, Dk)
/// throws   ShapeError if the heads do not divide, if D and Dk differ for scaled_dot, dot or
/// cosine,
///          or if a parameter does not fit; ValueError if one is missing or is not used
void expect_score(Score score, const ScoreParameters& parameters, const Shape& q, const Shape& k);

/// The raw scores of all queries against all keys.
///
///     scores[b, h, l, s] = scale score(q[b, h, l], k[b, h / (H / kv heads), s])
///
/// q        (B, H, L, D)
/// k        (B, kv heads, S, Dk)  location reads S from it, and no number
/// returns  (B, H, L, S)          column s depends on key s alone, whatever the others hold
/// throws   as expect_score
/// cost     O(B H L S D) time; concat and additive O(B H L S M), without memory for that: tanh of a
///          sum is taken and added up on the fly
Tensor scores(const Tensor& q, const Tensor& k, Score score, const ScoreParameters& parameters,
              float scale);

/// What the gradients of scores() are with respect to; undefined for parameters that are not there.
struct ScoreGradients {
  Tensor q, k;
  ScoreParameters parameters;
};

/// The gradients of scores().
///
/// dscores  (B, H, L, S)  where one is 0, query and key get nothing from their pair, not even from
///                        an infinity or NaN in the other
/// throws   as expect_score; ShapeError if dscores is not (B, H, L, S)
/// cost     twice scores(), and O(B (H L + kv heads S) M) memory for concat and additive
ScoreGradients scores_backward(const Tensor& dscores, const Tensor& q, const Tensor& k, Score score,
                               const ScoreParameters& parameters, float scale);

}  // namespace regard::attention
