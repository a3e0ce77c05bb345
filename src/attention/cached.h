// SPDX-License-Identifier: MIT
#pragma once

#include <span>
#include <vector>

#include "tensor/tensor.h"

namespace regard::attention {

/// The keys and values that each row of a decoding step sees: for row r, `keys[r][s]` and
/// `values[r][s]` point to the (H D) numbers of key s. Rows may share them, and see unequal
/// numbers of keys.
struct CachedKeys {
  std::vector<std::span<const float* const>> keys;
  std::vector<std::span<const float* const>> values;
};

/// One query a row against cached keys: the last row of causal attention, without the others.
///
///     weights[r, h] = softmax(q[r, h] Kᵀ / sqrt(D))     output[r, h] = weights[r, h] V
///
/// q        (rows, H D)     heads side by side
/// cached   rows entries
/// H                        number of heads; divides the width
/// weights  (rows, H, S)    overwritten, S the most keys of a row; 0 past a row's own keys
/// returns  (rows, H D)
/// throws   ShapeError if q, cached and weights disagree
/// cost     O(rows S H D) time
Tensor cached_attention(const Tensor& q, const CachedKeys& cached, Index H, Tensor& weights);

}  // namespace regard::attention
