// SPDX-License-Identifier: MIT
// Queries, keys and values of whatever shape and layout, read as (B, H, L, D).
#pragma once

#include "attention/heads.h"
#include "attention/options.h"

namespace regard::attention {

/// The sizes of one attention: what its views cannot tell.
struct AttentionSizes {
  Index B = 1;
  Index H = 1;
  Index kv_heads = 1;
  Index L = 0;
  Index P = 0;  ///< past keys
  Index S = 0;  ///< all keys, the past ones first
  Index D = 0;
  Index Dk = 0;  ///< of keys, where a score allows another width than the queries'
  Index Dv = 0;

  /// The head of keys and values that head h of the queries reads: 0, 0, …, 1, 1, … as ONNX and
  /// PyTorch have it.
  Index kv_head(Index h) const noexcept { return h / (H / kv_heads); }
};

/// What each axis of the weights stands for; an operand without a batch or heads lacks those.
struct WeightAxes {
  bool batch = true;
  bool heads = true;

  Index rank() const noexcept { return 2 + batch + heads; }
};

struct Operands {
  AttentionSizes sizes;
  WeightAxes axes;
  Heads q;
  Heads k;
  Heads v;
  Tensor keys;    ///< keeps what k views: the keys, or all with the past
  Tensor values;  ///< the same of v
  Shape queries;
  Shape output;
  Layout layout;
  Index heads;  ///< that the last axis is split into, or 0
  bool joined;  ///< whether there are past keys, before the given ones

  /// throws OutOfMemoryError where there are more weights than can be addressed.
  Shape weights() const;
};

/// Checks the operands of an attention against each other and the options.
///
/// throws ShapeError, ValueError
Operands operands(const Tensor& q, const Tensor& k, const Tensor& v,
                  const AttentionOptions& options);

/// An output or gradient of the queries' shape but for its width, read as (B, H, L, width).
MutableHeads query_heads(Tensor& x, const Operands& operands);
Heads query_heads(const Tensor& x, const Operands& operands);
/// The gradient of keys or values, as they came: (B, kv heads, S - P, width).
MutableHeads key_heads(Tensor& x, const Operands& operands);
/// A gradient of Operands::keys or values: (B, kv heads, S, width).
MutableHeads all_key_heads(Tensor& x, const Operands& operands);

}  // namespace regard::attention
