// SPDX-License-Identifier: MIT
// The one function: attention with any score, mask, convention and alignment, forward and backward.
#pragma once

#include "attention/options.h"

namespace regard::attention {

/// The output, and of the rest what was asked for. As gradients: undefined where nothing arrived.
struct Attention {
  Tensor output;  ///< as the queries, with the width Dv
  Tensor raw;     ///< (B, H, L, S), as the next three; fewer axes where the operands have fewer
  Tensor capped;
  Tensor masked;
  Tensor weights;        ///< rows sum to 1, or are all 0 where a query sees no key; here too if the
                         ///< readable form kept them for backward alone
  Tensor present_key;    ///< (B, kv heads, P + S, D), with past_key
  Tensor present_value;  ///< (B, kv heads, P + S, Dv)

  // For attention_backward() alone:
  Tensor undropped;  ///< (B, H, L, S) the weights before dropout, where there is some
  // Where no weights were kept, what makes them again: e^(masked - maximum) share. Their logarithm
  // in one number would lose the share of scores like -1e6.
  Tensor maxima;  ///< (B, H, L)
  Tensor shares;  ///< (B, H, L) 1 / softmax's denominator
};

/// Attention of queries to keys, a mean of values.
///
///     raw = scale score(Q, K)                         scores.h
///     capped = softcap tanh(raw / softcap)            if softcap is not 0
///     masked = capped + bias, the mask value for keys that a query does not see
///     weights = dropout(alignment(masked))            alignment.h; softmax by default
///     output = weights V                              [Vaswani et al. 2017, eq. 1]
///
/// q        (L, D), (B, L, D), (B, H, L, D); with `heads` (L, H D), (B, L, H D); with Layout::blhd
///          (L, H, D), (B, L, H, D)
/// k        the same with S for L and the kv heads for H; H is a multiple of those, and query
///          head h reads key head h / (H / kv heads)
/// v        the same with Dv for D
/// returns  the output and what was asked for; asking changes no bit of it in one form. A query
/// that sees no key gives zeros by default; keys
///          that it does not see have no influence on it, not even infinities and NaN in them
/// throws   ShapeError, ValueError: whatever contradicts another option or a shape, before any work
/// cost     O(B H L S (D + Dv)) time; memory O(B H L S) if weights or scores are asked for or the
///          score is no product, else O(B H (L + S)) beside the operands
Attention attention(const Tensor& q, const Tensor& k, const Tensor& v,
                    const AttentionOptions& options = {});

/// What the gradients of an attention are with respect to; undefined for operands that are not
/// there.
struct AttentionGradients {
  Tensor q, k, v;
  Tensor bias, past_key, past_value;
  ScoreParameters score_parameters;
  Tensor position_weight, position_vector;
};

/// The gradients of attention(), for given gradients of what it returned.
///
/// forward    what attention() returned for the same operands and options
/// gradients  of its members, of the same shapes; undefined where nothing depends on one
/// throws     ValueError for hard alignments and edits, which have no gradient
/// cost       twice to three times forward's
AttentionGradients attention_backward(const Tensor& q, const Tensor& k, const Tensor& v,
                                      const AttentionOptions& options, const Attention& forward,
                                      const Attention& gradients);

}  // namespace regard::attention
