// SPDX-License-Identifier: MIT
// Rows brought to a common scale.
#pragma once

#include "autograd/tape.h"

namespace regard::autograd {

/// softmax along an axis: e^(x[i] - max x) / sum_j e^(x[j] - max x). Nothing but -infinity has no
/// distribution and becomes zeros.
/// cost  any axis but the last takes two copies
Variable softmax(Tape& tape, const Variable& x, Index axis = -1);

/// log softmax along an axis.
Variable log_softmax(Tape& tape, const Variable& x, Index axis = -1);

/// gamma (x - mean) / sqrt(variance + epsilon) + beta over the rows of x [Ba et al. 2016, eq. 4].
Variable layer_norm(Tape& tape, const Variable& x, const Variable& gamma, const Variable& beta,
                    float epsilon);

}  // namespace regard::autograd
