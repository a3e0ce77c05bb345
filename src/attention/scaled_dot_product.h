// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <vector>

#include "attention/heads.h"

namespace regard::attention {

/// Which keys a query may see when time runs along both axes.
enum class Causal {
  none,          ///< all of them
  top_left,      ///< query i sees keys 0 … i
  bottom_right,  ///< query i sees keys 0 … i + (S - L): the last query sees all
};

struct AttentionOptions {
  Causal causal = Causal::none;
  std::optional<float> scale{};      ///< multiplies Q Kᵀ; default 1 / sqrt(D)
  std::vector<Index> key_lengths{};  ///< (B), each 0 … S: later keys are padding; empty = all S
};

struct Attention {
  Tensor output;   ///< (B, H, L, Dv)
  Tensor weights;  ///< (B, H, L, S); rows sum to 1, or are all 0 where a query sees no key
};

/// Scaled dot-product attention [Vaswani et al. 2017, eq. 1].
///
///     weights = softmax(scale Q Kᵀ)     output = weights V
///
/// q        (B, H, L, D)   queries
/// k        (B, H, S, D)   keys
/// v        (B, H, S, Dv)  values
/// returns  output and weights; a query that sees no key gives zeros in both
/// throws   ShapeError if the shapes disagree; ValueError if key_lengths has not B entries in 0 … S
/// cost     O(B H L S (D + Dv)) time, O(B H L S) memory
Attention scaled_dot_product_attention(const Tensor& q, const Tensor& k, const Tensor& v,
                                       const AttentionOptions& options = {});

/// The sizes of one attention: what its views cannot tell.
struct AttentionSizes {
  Index B, H, L, S, D, Dv;
};

/// The same on views, into views: for heads that lie inside of projected rows.
///
/// output   (B, H, L, Dv)  is overwritten
/// weights  (B, H, L, S)   is overwritten
/// throws   ValueError as above
void attend(const Heads& q, const Heads& k, const Heads& v, const AttentionSizes& sizes,
            const AttentionOptions& options, const MutableHeads& output, Tensor& weights);

/// The gradients of attend(), added to dq, dk and dv.
///
///     dV += weightsᵀ dO     dW = dO Vᵀ     dS = weights (dW - rowsum(weights dW))
///     dQ += scale dS K      dK += scale dSᵀ Q
///
/// doutput  (B, H, L, Dv)  gradient of the output
/// weights  (B, H, L, S)   as attend() left them
void attend_backward(const Heads& doutput, const Heads& q, const Heads& k, const Heads& v,
                     const Tensor& weights, const AttentionSizes& sizes,
                     const AttentionOptions& options, const MutableHeads& dq,
                     const MutableHeads& dk, const MutableHeads& dv);

}  // namespace regard::attention
