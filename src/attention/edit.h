// SPDX-License-Identifier: MIT
// Changing one attention on the way: switch a head off, replace a row of weights, edit a value; the
// rest runs on from there.
#pragma once

#include <vector>

#include "tensor/tensor.h"

namespace regard::attention {

/// The steps of one attention, in order. All can be looked at and changed.
enum class Stage {
  queries,  ///< (B, H, L, D)
  keys,     ///< (B, kv heads, S, D)
  values,   ///< (B, kv heads, S, Dv)
  raw,      ///< (B, H, L, S) scores, scaled
  capped,   ///< (B, H, L, S) after the softcap
  masked,   ///< (B, H, L, S) with the bias, and the mask value for hidden keys
  weights,  ///< (B, H, L, S)
  context,  ///< (B, H, L, Dv) weights times values
};

/// Sets rows of a stage to given numbers.
struct Edit {
  static constexpr Index all = -1;

  Stage stage = Stage::context;
  Index batch = all;
  Index head = all;  ///< of the queries; of the keys and values for those two stages
  Index row = all;   ///< a query, or a key in Stage::keys and Stage::values
  Tensor values{};   ///< as many as a row is wide, or one number for the whole row

  bool concerns(Stage s, Index b, Index h, Index r) const noexcept {
    return stage == s && (batch == all || batch == b) && (head == all || head == h) &&
           (row == all || row == r);
  }
};

/// Applies all edits that concern row (b, h, row) of a stage to its `width` numbers.
void apply(const std::vector<Edit>& edits, Stage stage, Index b, Index h, Index row, Index width,
           float* numbers) noexcept;

}  // namespace regard::attention
