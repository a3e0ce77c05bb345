// SPDX-License-Identifier: MIT
// The same numbers in another arrangement. Axes count from 0, negative ones from the innermost: -1
// is the last. All throw ValueError for an axis that x does not have.
#pragma once

#include <vector>

#include "autograd/tape.h"

namespace regard::autograd {

/// x under another shape with as many elements, in row-major order. Shares the storage of x.
/// throws ShapeError unless the counts agree
Variable reshape(Tape& tape, const Variable& x, const Shape& shape);

/// The axes of x in another order: axis i of the result is axis order[i] of x.
/// throws ValueError unless `order` names every axis once
Variable permute(Tape& tape, const Variable& x, const std::vector<Index>& order);

/// x with two axes exchanged: permute of all.
Variable transpose(Tape& tape, const Variable& x, Index first, Index second);

/// x repeated along axes that it lacks or has with size 1, aligned at the innermost axis.
/// throws ShapeError if x does not broadcast to the shape
Variable broadcast_to(Tape& tape, const Variable& x, const Shape& shape);

/// Places start … stop - 1 of an axis.
/// throws ValueError unless 0 <= start <= stop <= the axis's size
Variable slice(Tape& tape, const Variable& x, Index axis, Index start, Index stop);

/// Where two axes have the same index; they leave, and their diagonal becomes the last axis.
/// throws ShapeError unless the two are of the same size
Variable diagonal(Tape& tape, const Variable& x, Index first, Index second);

/// Several tensors one behind the other along an axis; all other sizes agree.
/// throws ShapeError if they do not; ValueError without parts
Variable concatenate(Tape& tape, const std::vector<Variable>& parts, Index axis);

/// Several tensors of one shape along a new axis, which the result has in that place.
Variable stack(Tape& tape, const std::vector<Variable>& parts, Index axis);

}  // namespace regard::autograd
