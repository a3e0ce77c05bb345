// SPDX-License-Identifier: MIT
// What masked scores become: a distribution over the keys, or a choice among them. Hidden keys have
// the score -infinity and get the weight 0.
#pragma once

#include <cstdint>
#include <vector>

#include "tensor/tensor.h"

namespace regard::attention {

enum class Alignment {
  softmax,       ///< e^score, normalized
  hard,          ///< all weight on the first of the largest scores; no gradient
  hard_sampled,  ///< all weight on one key drawn from the softmax, by seed; no gradient
                 ///< [Xu et al. 2015, section 4.1]
  local_m,       ///< softmax over the keys within `radius` of the query's own place
                 ///< [Luong et al. 2015, section 3.2]
  local_p,       ///< the same around a predicted place, times a Gaussian, not normalized again
                 ///< [Luong et al. 2015, eq. 9 and 10]
};

struct AlignmentOptions {
  uint64_t seed = 0;         ///< of hard_sampled
  Index radius = 0;          ///< D of local_m and local_p; sigma is D / 2
  Tensor position_weight{};  ///< local_p: W_p (M, D)
  Tensor position_vector{};  ///< local_p: v_p (M)
};

/// Refuses, before any work, options that an alignment cannot take or does not use.
///
/// D        width of the queries
/// throws   ValueError if the radius is below 0, is 0 for local_p, or is given without being used;
///          the same of the position's parameters; ShapeError if those do not fit
void expect_alignment(Alignment alignment, const AlignmentOptions& options, Index D);

/// throws ValueError for hard and hard_sampled: a choice has no gradient.
void expect_differentiable(Alignment alignment);

/// Where rows stand: what local alignments know beside the scores.
struct AlignmentPlaces {
  std::vector<Index> first{};    ///< (B) the key that query 0 stands at, query l stands l further;
                                 ///< empty = key 0. local_m looks around it.
  std::vector<Index> lengths{};  ///< (B) or (B L), how many keys there are; empty = all S. local_p
                                 ///< predicts a place among them.
};

/// Weights of masked scores.
///
///     softmax         w = softmax(e)
///     hard            w[s] = 1 for the first s with e[s] = max e
///     hard_sampled    w[s] = 1 with probability softmax(e)[s], by seed, b, h and l
///     local_m         w = softmax(e[s], |s - p| <= D),  p = first[b] + l
///     local_p         w[s] = softmax(e[s], |s - p| <= D) exp(-(s - p)^2 / (2 (D / 2)^2)),
///                     p = length sigmoid(v_pᵀ tanh(W_p q))
///
/// masked   (B, H, L, S)  -infinity where a key is hidden
/// q        (B, H, L, D)  read by local_p alone
/// returns  (B, H, L, S)  a row without a visible key is 0; a NaN among the visible keys (of local
///                        ones: those within the radius) makes their weights NaN
/// throws   as expect_alignment
/// cost     O(B H L S) time; local_p O(B H L M D) more
Tensor align(const Tensor& masked, const Tensor& q, Alignment alignment,
             const AlignmentOptions& options, const AlignmentPlaces& places = {});

/// What the gradients of align() are with respect to; undefined but for local_p, except `masked`.
struct AlignmentGradients {
  Tensor masked{};  ///< (B, H, L, S)
  Tensor q{}, position_weight{}, position_vector{};
};

/// The gradients of align(). A key of weight 0 gets exactly 0, whatever dweights holds there.
///
/// dweights  (B, H, L, S)
/// weights   (B, H, L, S)  what align() returned, before dropout
/// throws    ValueError for hard alignments, which have none
AlignmentGradients align_backward(const Tensor& dweights, const Tensor& weights, const Tensor& q,
                                  Alignment alignment, const AlignmentOptions& options,
                                  const AlignmentPlaces& places = {});

// --- One row at a time ---

/// Which row it is, and where its query stands.
struct AlignmentRow {
  Index b, h, l;
  float place;  ///< p of local alignments
};

/// The places p (B, H, L) of local alignments among S keys; undefined for the others, whose rows
/// need none.
Tensor places_of(const Tensor& q, Index S, Alignment alignment, const AlignmentOptions& options,
                 const AlignmentPlaces& places);

/// What q, W_p and v_p of local_p get from its places; `masked` is left out, and all of it for
/// others.
///
/// dplaces  (B, H, L)  where one is 0, its query has no part in it
AlignmentGradients places_backward(const Tensor& dplaces, const Tensor& q, Index S,
                                   Alignment alignment, const AlignmentOptions& options,
                                   const AlignmentPlaces& places);

/// One row of align(); weights (S) may be masked (S).
void align_row(Alignment alignment, const AlignmentOptions& options, const AlignmentRow& row,
               const float* masked, float* weights, Index S) noexcept;

/// One row of align_backward(), of the scores; dmasked (S) may be dweights (S).
/// returns  the gradient of row.place, 0 but for local_p
float align_row_backward(Alignment alignment, const AlignmentOptions& options,
                         const AlignmentRow& row, const float* weights, const float* dweights,
                         float* dmasked, Index S) noexcept;

}  // namespace regard::attention
