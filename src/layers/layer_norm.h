// SPDX-License-Identifier: MIT
#pragma once

#include "layers/parameters.h"

namespace regard::layers {

struct LayerNormOptions {
  float epsilon = 1e-5f;  ///< added to the variance, > 0
  bool bias = true;       ///< whether beta is learned; else it is 0
};

/// Layer normalization over rows of width M [Ba et al. 2016, eq. 4].
class LayerNorm {
 public:
  /// throws ValueError unless epsilon > 0
  LayerNorm(Index M, Initializer& initializer, const LayerNormOptions& options = {});

  /// x (..., M) → (..., M). throws ShapeError.
  Variable forward(Pass& pass, const Variable& x) const;
  void collect(const std::string& prefix, Parameters& parameters) const;

 private:
  LayerNormOptions options_;
  Variable gamma_;
  Variable beta_;
};

}  // namespace regard::layers
