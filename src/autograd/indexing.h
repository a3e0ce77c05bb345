// SPDX-License-Identifier: MIT
// Numbers by their place. Places count from 0; one outside of its axis is a ValueError that names
// it.
#pragma once

#include <vector>

#include "autograd/tape.h"

namespace regard::autograd {

/// Whole numbers with a shape, row-major: places along an axis, or classes.
struct Indices {
  /// throws ShapeError unless there are shape.count() ids
  Indices(Ids numbers, const Shape& sizes);

  Ids ids;
  Shape shape;
};

/// x at the given places of an axis, any number of times each: for axis 0 of a table (V, M) and
/// indices (B, L), the embedding (B, L, M).
///
/// x        (outer…, n, inner…)
/// indices  (any…)                each 0 … n-1
/// returns  (outer…, any…, inner…), as numpy.take
Variable index_select(Tape& tape, const Variable& x, const Indices& indices, Index axis);

/// For each place of the result its own place along an axis: out[i, j] = x[i, indices[i, j]] for
/// the last of two axes.
///
/// indices  of the rank of x, and of its sizes but along the axis
/// returns  of the shape of the indices, as numpy.take_along_axis
/// throws   ShapeError if the shapes do not fit
Variable take_along_axis(Tape& tape, const Variable& x, const Indices& indices, Index axis);

/// scale * table[ids] + positions, the rows of a vocabulary's table.
///
/// ids        (B L)   row-major, each 0 … V-1
/// table      (V, M)
/// positions  (L, M)  a constant added to each of the B sequences; may be undefined
/// returns    (B, L, M)
Variable embedding(Tape& tape, const Ids& ids, Index B, const Variable& table, float scale,
                   const Tensor& positions = {});

/// Where along an axis the largest element is: the first if there are several, and the first NaN if
/// there is one. The axis leaves, or stays with size 1.
/// throws ShapeError if the axis has size 0
Indices argmax(const Tensor& x, Index axis, bool keep = false);

/// 1 at the class and 0 elsewhere: (any…) to (any…, classes).
Tensor one_hot(const Indices& indices, Index classes);

}  // namespace regard::autograd
