// SPDX-License-Identifier: MIT
// One query against rows of keys and values that may lie anywhere: a decoding step, all heads of it
// side by side in rows of H D numbers.
#pragma once

#include "tensor/shape.h"

namespace regard::kernels {

/// Rows of H D numbers each.
struct KeyRows {
  const float* const* rows;
  Index count;
  Index H;
  Index D;
};

/// products[h, s] = scale * sum_d query[h, d] keys[s][h, d].
///
/// query     (H, D)
/// products  (H, count), its rows `stride` apart
/// What a key gives does not depend on the keys beside it.
void key_products(const float* query, const KeyRows& keys, float scale, float* products,
                  Index stride) noexcept;

/// out[h, d] = sum_s weights[h, s] values[s][h, d], summed in the order of s.
///
/// weights  (H, count), its rows `stride` apart
/// out      (H, D)  zeros where there are no rows
void value_sums(const float* weights, Index stride, const KeyRows& values, float* out) noexcept;

}  // namespace regard::kernels
