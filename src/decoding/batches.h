// SPDX-License-Identifier: MIT
#pragma once

#include <vector>

#include "tensor/shape.h"

namespace regard::decoding {

/// Places of sentences that are translated together.
using Batch = std::vector<size_t>;

/// Puts sentences into batches: like lengths together, the shortest first.
///
/// lengths    pieces of each sentence; those of length 0 are left out
/// beams      hypotheses of each sentence
/// attention  whether every layer's and head's (S, S) is kept
/// returns    batches of one sentence, or whose memory is bounded, padding counted
std::vector<Batch> plan_batches(const std::vector<Index>& lengths, Index beams, bool attention);

}  // namespace regard::decoding
