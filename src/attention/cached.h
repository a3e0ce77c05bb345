// SPDX-License-Identifier: MIT
#pragma once

#include <span>
#include <vector>

#include "attention/edit.h"

namespace regard::attention {

/// The keys and values that each row of a decoding step sees: for row r, `keys[r][s]` and
/// `values[r][s]` point to the (H D) numbers of key s. Rows may share them, and see unequal
/// numbers of keys.
struct CachedKeys {
  std::vector<std::span<const float* const>> keys;
  std::vector<std::span<const float* const>> values;
};

/// Changes of a step, for all rows of a batch alike: what edit.h does to whole sequences. Rows of
/// scores and weights are as wide as the row has keys.
struct CachedEdits {
  std::vector<Edit> edits;     ///< those of keys and values are the caller's
  std::vector<Index> batches;  ///< (rows) which batch each row belongs to
  Index row = 0;               ///< which query of its batch each row is
};

/// One query a row against cached keys: the last row of causal attention, without the others.
///
///     weights[r, h] = softmax(q[r, h] Kᵀ / sqrt(D))     output[r, h] = weights[r, h] V
///
/// q        (rows, H D)     heads side by side
/// cached   rows entries
/// H                        number of heads; divides the width
/// weights  (rows, H, S)    overwritten, S the most keys of a row; 0 past a row's own keys
/// edits    null = none
/// returns  (rows, H D)
/// throws   ShapeError if q, cached and weights disagree, or an edit is neither one number nor as
///          wide as what it changes; ValueError if there is no such head
/// cost     O(rows S H D) time
Tensor cached_attention(const Tensor& q, const CachedKeys& cached, Index H, Tensor& weights,
                        const CachedEdits* edits = nullptr);

}  // namespace regard::attention
