// SPDX-License-Identifier: MIT
#pragma once

#include "layers/parameters.h"

namespace regard::layers {

/// A learned row for each place, added to what stands there [Gehring et al. 2017, section 3.1].
class LearnedPositions {
 public:
  /// places  how many there are
  LearnedPositions(Index places, Index M, Initializer& initializer);

  /// x[…, i] + row first + i.
  ///
  /// x       (..., L, M)
  /// first   the place of row 0: with a cache, how many rows are in it
  /// throws  ShapeError if x has another width; ValueError if it goes beyond the last place
  Variable forward(Pass& pass, const Variable& x, Index first = 0) const;
  void collect(const std::string& prefix, Parameters& parameters) const;

 private:
  Variable table_;  // (places, M)
};

}  // namespace regard::layers
