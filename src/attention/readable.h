// SPDX-License-Identifier: MIT
// Attention step by step, as the equations have it, with every score kept: what can be looked at
// and changed on the way. tiled.h does without the scores.
#pragma once

#include "attention/attention.h"
#include "attention/plan.h"

namespace regard::attention {

/// attention() of a plan. Beside what was asked for it keeps the weights, for backward.
Attention readable_attention(const Plan& plan);

/// attention_backward() of a plan.
AttentionGradients readable_backward(const Plan& plan, const Attention& forward,
                                     const Attention& gradients);

// What both directions share.

/// raw = scale Q Kᵀ of one head and its first `keys` keys, rows S apart; packed has room for
/// kernels::packed_size(D, S) numbers.
void score_head(const Plan& plan, const Heads& q, const Heads& k, Index b, Index h, Index keys,
                float scale, float* packed, float* raw);
/// How many heads are a grain of parallel_for: 2 µs of products at least.
Index heads_per_grain(const AttentionSizes& sizes) noexcept;

}  // namespace regard::attention
