// SPDX-License-Identifier: MIT
#pragma once

#include <vector>

#include "tensor/tensor.h"

namespace regard::training {

/// A sentence and its translation, as ids that end with the end token.
struct Pair {
  Ids source;
  Ids target;
};

/// Pairs side by side, padded to the longest of each side.
struct Batch {
  Index B = 0;
  Ids source;                         ///< (B S)
  std::vector<Index> source_lengths;  ///< (B)
  Ids target_input;                   ///< (B L): the start token, then all but the last id
  Ids target_output;                  ///< (B L): what is to be predicted there
  Index target_tokens = 0;            ///< places of target_output that are not padding
  Index source_tokens = 0;
};

/// Pairs `rows` of `pairs` as a batch.
Batch make_batch(const std::vector<Pair>& pairs, std::vector<size_t> rows, Id pad, Id start);

/// The pairs of one pass over the data, in batches of about `tokens` padded target tokens: pairs of
/// like length together, so that little is padding; equal lengths and the batches themselves in an
/// order that is a pure function of the seed.
std::vector<std::vector<size_t>> plan_batches(const std::vector<Pair>& pairs, Index tokens,
                                              uint64_t seed);

}  // namespace regard::training
