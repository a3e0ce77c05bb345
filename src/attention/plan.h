// SPDX-License-Identifier: MIT
#pragma once

#include "attention/visibility.h"

namespace regard::attention {

/// One attention, checked: what its readable and its tiled form work from.
struct Plan {
  /// throws as attention()
  Plan(const Tensor& q, const Tensor& k, const Tensor& v, const AttentionOptions& all);

  const AttentionOptions& options;  ///< outlive the plan
  Operands operands;
  Visibility visibility;
  float scale;

  /// Whether raw scores are a product of queries and keys, not more.
  bool is_product() const noexcept;
  /// Whether it is computed tile by tile, without keeping scores or weights.
  bool is_tiled() const noexcept;
  /// What local alignments know of places.
  AlignmentPlaces places() const;
};

/// Rows of all heads side by side: (B, H, rows, width).
Tensor gathered(const Heads& x, Index B, Index H, Index rows, Index width);
/// Adds (B, H, rows, width) to rows that lie elsewhere.
void add_scattered(const Tensor& x, const MutableHeads& to);

}  // namespace regard::attention
