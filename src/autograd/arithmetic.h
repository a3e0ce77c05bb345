// SPDX-License-Identifier: MIT
// Operations on pairs of numbers. Both operands are broadcast by NumPy's rule: shapes are aligned
// at their innermost axes, and an axis that is missing or of size 1 is repeated; a tensor of shape
// () is a plain number. Gradients are summed over what was repeated. All throw ShapeError, naming
// both shapes, where two sizes differ and neither is 1.
#pragma once

#include "autograd/tape.h"
#include "kernels/pairs.h"

namespace regard::autograd {

/// x + y.
Variable add(Tape& tape, const Variable& x, const Variable& y);

/// x - y.
Variable subtract(Tape& tape, const Variable& x, const Variable& y);

/// x y, element by element.
Variable multiply(Tape& tape, const Variable& x, const Variable& y);

/// x / y, element by element.
Variable divide(Tape& tape, const Variable& x, const Variable& y);

/// The larger of x and y, NaN if one of them is; where they are equal, each gets half the gradient.
Variable maximum(Tape& tape, const Variable& x, const Variable& y);

/// The smaller of x and y, NaN if one of them is; where they are equal, each gets half the
/// gradient.
Variable minimum(Tape& tape, const Variable& x, const Variable& y);

/// 1 where `x kind y` holds and 0 elsewhere: a mask, without gradient.
Tensor compare(const Tensor& x, const Tensor& y, kernels::Comparison kind);

}  // namespace regard::autograd
