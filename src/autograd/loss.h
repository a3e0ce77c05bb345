// SPDX-License-Identifier: MIT
#pragma once

#include "autograd/tape.h"
#include "kernels/cross_entropy.h"

namespace regard::autograd {

/// What becomes of the logits, the largest tensor of a training step, in backward.
enum class Logits {
  reuse,  ///< their storage becomes their gradient: not to be read after backward, so neither by
          ///< softmax or log_softmax, which read theirs, nor by any view of them
  keep,   ///< they stay as they are
};

/// The mean over the rows that count of -log softmax(logits)[target], smoothed.
///
/// logits   (rows…, V)
/// targets  (rows)     each 0 … V-1 and not `options.masked`, or `options.ignore`
/// returns  (1)        0 if no row counts
Variable cross_entropy(Tape& tape, const Variable& logits, const Ids& targets,
                       const kernels::CrossEntropyOptions& options = {},
                       Logits after = Logits::reuse);

}  // namespace regard::autograd
