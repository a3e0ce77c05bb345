// SPDX-License-Identifier: MIT
#pragma once

#include "tensor/shape.h"

namespace regard::kernels {

/// How the numbers of a row pair up into points of a plane.
enum class RotaryPairs {
  halves,       ///< j and j + width / 2: GPT-NeoX, LLaMA as Hugging Face has it
  interleaved,  ///< 2j and 2j + 1: RoFormer, GPT-J
};

/// What rotate() needs to know of the rows of x.
struct RotarySizes {
  Index rows;    ///< how many there are
  Index repeat;  ///< so many rows in a row stand at the same place
  Index L;       ///< places; behind the last one follows the first again
  Index D;       ///< width of a row
  Index width;   ///< how much of it is rotated, even; the rest stays
};

/// Rotates the pairs of each row by its place's angles [Su et al. 2021, eq. 34]:
///
///     y[a] = x[a] cos - x[b] sin     y[b] = x[b] cos + x[a] sin     for pair (a, b)
///
/// x, y          (rows, D)       may not overlap
/// cosine, sine  (L, width / 2)  of each place's angles
/// direction     1, or -1 to rotate back
void rotate(const float* x, const RotarySizes& sizes, RotaryPairs pairs, const float* cosine,
            const float* sine, float direction, float* y) noexcept;

}  // namespace regard::kernels
