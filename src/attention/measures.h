// SPDX-License-Identifier: MIT
// Numbers that sum attention up. None of them says why a model answered as it did: where weights
// differ much, outputs need not [Jain and Wallace 2019, "Attention is not Explanation"], and what
// weights can tell depends on the model and on the question [Wiegreffe and Pinter 2019, "Attention
// is not not Explanation"]. An intervention (edit.h) tells what does change an output.
#pragma once

#include <span>

#include "tensor/tensor.h"

namespace regard::attention {

/// How widely each query looks: the entropy of its row of weights, in nats.
///
///     p = w / sum w     H = -sum p log p     with 0 log 0 = 0
///
/// weights  (..., S)  not negative; rows need not sum to 1
/// returns  (...)     0 where all weight lies on one key, log S where it is spread evenly, NaN for
/// a
///                    row without any weight
/// throws   ShapeError without axes; ValueError for a negative weight
/// cost     O(weights)
Tensor entropy(const Tensor& weights);

/// The mean entropy of each head: that of its rows, those without any weight left out.
///
/// weights  (..., L, S)
/// returns  (...)        NaN for a head without any weight
/// throws   ShapeError with less than two axes; ValueError for a negative weight
Tensor mean_entropy(const Tensor& weights);

/// How much of each layer's output goes back to each place of the input, if heads are averaged,
/// half of each state is its own through the residual connection, and all else in the layers is
/// left out of sight [Abnar and Zuidema 2020, section 4].
///
///     A_l = W_l / 2 + I / 2, rows divided by their sums     R_l = A_l R_(l-1)     R_(-1) = I
///
/// weights  (layers, H, L, L)  of self-attention, W_l the mean of layer l's heads
/// returns  (layers, L, L)     R of each layer; rows sum to 1
/// throws   ShapeError for other shapes or no head
/// cost     O(layers L³) time
Tensor rollout(const Tensor& weights);

/// The mean weight that each key receives, over all else.
///
/// weights  (..., S)
/// returns  (S)
/// throws   ShapeError without axes or rows
Tensor received(const Tensor& weights);

/// How far two rankings agree: Kendall's tau-b [Kendall 1945], 1 for the same order, -1 for the
/// opposite one, 0 for none; pairs that are tied on one side count for neither.
///
///     tau = (agreeing - opposed) / sqrt((pairs - ties of x) (pairs - ties of y))
///
/// returns  NaN if one side has nothing but ties, or holds NaN
/// throws   ShapeError if the numbers of values differ
/// cost     O(n²) time
double kendall_tau(std::span<const float> x, std::span<const float> y);

}  // namespace regard::attention
