// SPDX-License-Identifier: MIT
#pragma once

#include "layers/parameters.h"

namespace regard::layers {

/// y = x Wᵀ + b.
class Linear {
 public:
  Linear(Index inputs, Index outputs, Initializer& initializer);

  /// x (..., inputs) → (..., outputs). throws ShapeError.
  Variable forward(Pass& pass, const Variable& x) const;
  void collect(const std::string& prefix, Parameters& parameters) const;
  /// Packs the weight for products, once; to be called again whenever it has changed.
  void prepack();

 private:
  Variable weight_;  // (outputs, inputs)
  Variable bias_;    // (outputs)
  Tensor packed_;
};

/// What kernels::pack writes for the transpose of a (N, K) weight.
Tensor pack_transposed(const Tensor& weight);

}  // namespace regard::layers
