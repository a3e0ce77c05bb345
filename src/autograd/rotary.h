// SPDX-License-Identifier: MIT
#pragma once

#include "autograd/tape.h"
#include "kernels/rotary.h"

namespace regard::autograd {

struct RotaryOptions {
  kernels::RotaryPairs pairs = kernels::RotaryPairs::halves;
  double base = 10000;  ///< pair j turns by base^(-2j / width) a place
  Index width = 0;      ///< how much of each head is rotated, even; 0 = all of it
  Index first = 0;      ///< the place of row 0: with cached keys, how many there are
  Index heads = 0;      ///< side by side in the last axis of x (..., L, H D); 0 = x is (..., L, D)
};

/// Rotary position embedding of queries or keys [Su et al. 2021, eq. 34]: pair j of row i turns by
/// (first + i) base^(-2j / width), so that products of queries and keys depend on how far apart
/// the two are, and not on where they stand.
///
/// x        (..., L, D), or (..., L, H D) with heads
/// returns  of the same shape
/// throws   ShapeError if x has less than two axes or the heads do not divide its width;
///          ValueError unless width is even, from 0 to D, and base is above 0
Variable rotary(Tape& tape, const Variable& x, const RotaryOptions& options = {});

}  // namespace regard::autograd
