// SPDX-License-Identifier: MIT
#pragma once

#include "autograd/tape.h"

namespace regard::autograd {

/// x with each element set to 0 with probability p and divided by 1 - p otherwise
/// [Srivastava et al. 2014]; which ones is a pure function of seed and place.
/// throws ValueError unless 0 <= p < 1
Variable dropout(Tape& tape, const Variable& x, float p, uint64_t seed);

/// residual + dropout(x).
/// throws ValueError unless 0 <= p < 1; ShapeError unless both have one shape
Variable dropout_add(Tape& tape, const Variable& x, const Variable& residual, float p,
                     uint64_t seed);

}  // namespace regard::autograd
