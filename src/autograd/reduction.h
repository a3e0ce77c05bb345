// SPDX-License-Identifier: MIT
// Many numbers to one, over some axes or all. Sums run in double over short sums in float: their
// error does not grow with the number of terms. The order of summation is fixed.
#pragma once

#include <vector>

#include "autograd/tape.h"

namespace regard::autograd {

struct ReduceOptions {
  std::vector<Index> axes = {};  ///< which; negative ones count from the innermost; none: all
  bool keep = false;             ///< they stay, with size 1
};

// All of these throw ValueError for an axis that x does not have or that is named twice.

/// The sum; 0 of nothing.
Variable sum(Tape& tape, const Variable& x, const ReduceOptions& options = {});

/// The arithmetic mean; NaN of nothing.
Variable mean(Tape& tape, const Variable& x, const ReduceOptions& options = {});

/// sum (x - mean)^2 / (n - correction): of a whole population with 0, of a sample with 1.
Variable variance(Tape& tape, const Variable& x, const ReduceOptions& options = {},
                  float correction = 0);

/// The largest element, NaN if there is one; where several are, they share the gradient.
/// throws ShapeError for the largest of nothing
Variable max(Tape& tape, const Variable& x, const ReduceOptions& options = {});

/// The smallest element, NaN if there is one; where several are, they share the gradient.
/// throws ShapeError for the smallest of nothing
Variable min(Tape& tape, const Variable& x, const ReduceOptions& options = {});

/// out[i] = x[0] + … + x[i] along an axis.
Variable cumulative_sum(Tape& tape, const Variable& x, Index axis);

/// The sum of weights * x, element by element: one number, (1).
Variable weighted_total(Tape& tape, const Variable& x, const Tensor& weights);

}  // namespace regard::autograd
