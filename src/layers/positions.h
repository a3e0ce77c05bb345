// SPDX-License-Identifier: MIT
#pragma once

#include "tensor/tensor.h"

namespace regard::layers {

/// How sines and cosines share a row.
enum class SinusoidOrder {
  halves,       ///< sines in the first half, cosines in the second, as Marian has it
  interleaved,  ///< sine, cosine, sine, …, as Vaswani et al. 2017, section 3.5, write it
};

/// Sinusoidal position encodings [Vaswani et al. 2017, section 3.5].
///
///     sine j of row i = sin(p / 10000^(2j / M))     cosine j = cos(the same)     p = first + i
///
/// returns (L, M); with an odd M there is one sine more than there are cosines
Tensor sinusoids(Index first, Index L, Index M, SinusoidOrder order);

}  // namespace regard::layers
