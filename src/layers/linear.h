// SPDX-License-Identifier: MIT
#pragma once

#include "layers/parameters.h"

namespace regard::layers {

/// y = x Wᵀ + b.
class Linear {
 public:
  Linear(Index inputs, Index outputs, Initializer& initializer, bool bias = true);
  /// Over given parameters.
  ///
  /// weight  (N, inputs), of which this layer has rows first … first + outputs - 1; shared with
  ///         whoever has the others
  /// bias    (N), of which it has the same ones; or null
  Linear(Variable weight, Variable bias, Index first, Index outputs);

  Index inputs() const noexcept { return weight_->value.size(1); }

  /// x (..., inputs) → (..., outputs). throws ShapeError.
  Variable forward(Pass& pass, const Variable& x) const;
  void collect(const std::string& prefix, Parameters& parameters) const;
  /// Packs the weight for products, once; to be called again whenever it has changed.
  void prepack();

 private:
  Variable weight_;  // (outputs, inputs), or more rows
  Variable bias_;    // (outputs), or more; null where there is none
  Index first_;
  Index outputs_;
  Tensor packed_;
};

/// What kernels::pack writes for the transpose of a (N, K) weight.
Tensor pack_transposed(const Tensor& weight);

}  // namespace regard::layers
