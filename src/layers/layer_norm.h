// SPDX-License-Identifier: MIT
#pragma once

#include "layers/parameters.h"

namespace regard::layers {

/// Layer normalization over rows of width M [Ba et al. 2016, eq. 4], epsilon 1e-5.
class LayerNorm {
 public:
  LayerNorm(Index M, Initializer& initializer);

  /// x (..., M) → (..., M). throws ShapeError.
  Variable forward(Pass& pass, const Variable& x) const;
  void collect(const std::string& prefix, Parameters& parameters) const;

 private:
  Variable gamma_;
  Variable beta_;
};

}  // namespace regard::layers
