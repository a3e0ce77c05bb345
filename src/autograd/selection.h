// SPDX-License-Identifier: MIT
// Choosing between numbers by a mask: a tensor in which 0 is false and all else is true. What is
// not chosen has no influence, neither forward nor backward: infinities and NaN stay where they
// are.
#pragma once

#include "autograd/tape.h"

namespace regard::autograd {

/// x where the condition is true, y elsewhere; all three are broadcast by NumPy's rule.
/// throws ShapeError where two sizes differ and neither is 1
Variable where(Tape& tape, const Tensor& condition, const Variable& x, const Variable& y);

/// `value` where the mask is true, x elsewhere.
///
/// mask     of a shape that broadcasts to that of x
/// returns  of the shape of x
/// throws   ShapeError if the mask does not broadcast to x
Variable masked_fill(Tape& tape, const Variable& x, const Tensor& mask, float value);

/// Which part of a matrix stays.
enum class Triangle { lower, upper };

/// The lower or upper triangle of the matrices in the two innermost axes, zeros elsewhere: element
/// (i, j) stays if j <= i + diagonal (lower) or j >= i + diagonal (upper).
/// throws ShapeError unless x has two axes at least
Variable triangle(Tape& tape, const Variable& x, Triangle part, Index diagonal = 0);

/// The mask (rows, columns) of triangle(): 1 where an element stays, 0 elsewhere.
Tensor triangle_mask(Index rows, Index columns, Triangle part, Index diagonal = 0);

}  // namespace regard::autograd
