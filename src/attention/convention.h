// SPDX-License-Identifier: MIT
// What the libraries mean by attention, where they differ, as data.
#pragma once

#include "attention/options.h"

namespace regard::attention {

/// How the axes of a mask or bias are told.
enum class MaskAxes {
  /// As many axes as the weights have, each of full size or 1; or (L, S), the same for every batch
  /// and head. Three axes beside weights of four could be batches or heads and are refused.
  stated,
  /// NumPy's rule: aligned with the weights from the right, missing axes and axes of 1 repeated.
  /// So three axes beside weights of four are (H, L, S).
  aligned,
  /// (L, S), or (B H, L, S).
  batch_heads,
  /// (B, L, S) for every head, or as the weights.
  batches,
};

/// One row of the table.
struct Convention {
  const char* name;
  bool true_attends;     ///< whether 1 in a mask lets a query see a key; else it hides it
  Origin origin;         ///< what plain `causal` means with L ≠ S; unstated = refused
  float mask_value;      ///< the score of a hidden key
  bool adds_mask_value;  ///< whether it is added to the score, instead of replacing it
  EmptyRow empty_row;
  Layout layout;
  MaskAxes mask_axes;
  bool pads_masks;  ///< whether a mask that is shorter than the keys hides the rest
};

/// The rules of a name.
///
///                   1      causal, L ≠ S        empty row   mask value        mask of three axes
///     none          sees   refused              zeros       -infinity         refused beside four
///     onnx_23…25    sees   past, lengths, or 0  zeros       -infinity         (H, L, S)
///     torch         sees   top left             zeros       -infinity         (H, L, S)
///     torch_mha     hides  the caller's mask    NaN         -infinity         (B H, L, S)
///     keras         sees   top left             zeros       -1e9 added        (B, L, S)
///     keras_att…    sees   top left             softmax     -1e9 added        (B, L, S)
///     jax           sees   top left             uniform     -0.7 FLT_MAX      (H, L, S)
///     d2l           sees   refused              uniform     -1e6              refused beside four
const Convention& convention(ConventionName name) noexcept;

}  // namespace regard::attention
