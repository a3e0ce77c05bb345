// SPDX-License-Identifier: MIT
// Functions of one number, element by element.
#pragma once

#include "autograd/tape.h"
#include "kernels/activation.h"
#include "kernels/functions.h"

namespace regard::autograd {

/// kind(x): what stands between two products of a network.
Variable activation(Tape& tape, const Variable& x, kernels::Activation kind);

/// kind(x): exp, log, tanh and the like. Where a function has no slope (|x| at 0) or an infinite
/// one (sqrt and log at 0), the gradient is 0 for |x|, and infinity otherwise.
Variable apply(Tape& tape, const Variable& x, kernels::Function kind);

/// x to the power of a constant; NaN for negative x unless the exponent is a whole number.
Variable power(Tape& tape, const Variable& x, float exponent);

}  // namespace regard::autograd
