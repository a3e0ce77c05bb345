// SPDX-License-Identifier: MIT
// Attention for long inputs: tile by tile of the scores, with a running maximum and sum for each
// query, so that memory grows with L + S [Milakov and Gimelshein 2018; Rabe and Staats 2021;
// Dao et al. 2022, algorithm 1].
#pragma once

#include "attention/attention.h"
#include "attention/plan.h"

namespace regard::attention {

/// attention() of a plan that is_tiled(). Beside the output it keeps maxima and shares.
///
/// Up to 256 keys that only lengths, causality and windows hide it agrees with readable_attention()
/// bit for bit, otherwise to the rounding of sums in another order: within
/// 2^-24 (S / 256 + 8) of the largest value that a query sees, measured below a tenth of that.
Attention tiled_attention(const Plan& plan);

/// attention_backward() of a plan that is_tiled(), from forward's output, maxima and shares: each
/// tile's weights are computed again.
AttentionGradients tiled_backward(const Plan& plan, const Attention& forward,
                                  const Tensor& doutput);

}  // namespace regard::attention
