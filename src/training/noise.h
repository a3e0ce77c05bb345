// SPDX-License-Identifier: MIT
#pragma once

#include "tensor/random.h"
#include "training/batches.h"

namespace regard::training {

/// How often a piece of what the model reads is spoiled, each 0 to below 1. What it shall write
/// stays as it is.
struct NoiseOptions {
  float drop = 0;         ///< a piece of the source is left out
  float mask = 0;         ///< it becomes the unknown token
  float swap = 0;         ///< it changes places with the next one
  float target_mask = 0;  ///< a piece that the decoder is given becomes the unknown token

  bool any() const noexcept { return drop > 0 || mask > 0 || swap > 0 || target_mask > 0; }
};

/// A source with noise [Lample et al. 2018, section 2.3]. The end token stays, and so does at least
/// one piece.
Ids with_noise(const Ids& source, const NoiseOptions& options, Id unknown, Random& random);

/// Replaces what the decoder is given, but for the start token and padding, at the rate
/// `target_mask`.
void mask_input(Batch& batch, const NoiseOptions& options, Id unknown, Id pad, Random& random);

}  // namespace regard::training
