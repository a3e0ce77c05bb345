// SPDX-License-Identifier: MIT
// Attention with linear biases: the further a key is from a query, the lower its score.
#pragma once

#include <vector>

#include "tensor/tensor.h"

namespace regard::layers {

/// The slopes of H heads [Press et al. 2022, section 3].
///
///     slope h = 2^(-8 h / n), h = 1 … n     n = the largest power of two up to H
///
/// the rest, if H is none: the first, third, fifth … slope of 2n heads
/// throws  ValueError unless H > 0
std::vector<float> alibi_slopes(Index H);

/// What is added to the scores: -slope |first + i - j| for query i and key j.
///
/// first    the place of query 0: with cached keys, how many there are
/// returns  (1, H, L, S)
/// throws   as alibi_slopes; ValueError unless L, S and first are from 0 to 2^24
Tensor alibi_bias(Index H, Index L, Index S, Index first = 0);

}  // namespace regard::layers
