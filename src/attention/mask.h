// SPDX-License-Identifier: MIT
#pragma once

#include "attention/convention.h"
#include "attention/operands.h"

namespace regard::attention {

/// A mask or bias read as (B, H, L, S): axes that are repeated have a stride of 0.
struct MaskView {
  const float* data = nullptr;
  Index batch = 0;
  Index head = 0;
  Index row = 0;
  Index column = 0;
  Index keys = 0;  ///< fewer than S where the mask is shorter

  Index at(Index b, Index h, Index l) const noexcept { return b * batch + h * head + l * row; }
};

/// A mask or bias of an attention by a convention's rule of axes; no data for an undefined one.
///
/// name    as errors call it: "the mask"
/// throws  ShapeError if it does not fit the weights
MaskView mask_view(const char* name, const Tensor& mask, const Convention& rules,
                   const Operands& operands);

/// A mask of keys (B, S), or (S) without a batch.
MaskView key_mask_view(const Tensor& mask, const Operands& operands);

}  // namespace regard::attention
