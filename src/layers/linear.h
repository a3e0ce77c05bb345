// SPDX-License-Identifier: MIT
#pragma once

#include "kernels/activation.h"
#include "layers/parameters.h"

namespace regard::layers {

/// y = x Wᵀ + b.
class Linear {
 public:
  Linear(Index inputs, Index outputs, Initializer& initializer, bool bias = true);

  /// Rows of a parameter from `first` on: whoever has the others shares it.
  struct Rows {
    Variable all;
    Index first = 0;
  };
  /// Over `outputs` rows of given parameters, weight (N, inputs) and bias (N),
  /// or null.
  Linear(Rows weight, Rows bias, Index outputs);

  // The parameters, with the rows of others in them.
  const Variable& weight() const noexcept { return weight_.all; }
  const Variable& bias() const noexcept { return bias_.all; }

  /// x (..., inputs) → (..., outputs), with an activation after it. throws ShapeError.
  Variable forward(Pass& pass, const Variable& x,
                   kernels::Activation activation = kernels::Activation::identity) const;
  void collect(const std::string& prefix, Parameters& parameters) const;
  /// Packs the weight for products, once; to be called again whenever it has
  /// changed.
  void prepack();

 private:
  Rows weight_;
  Rows bias_;
  Index outputs_;
  Tensor packed_;
};

/// What kernels::pack writes for the transpose of a (N, K) weight.
Tensor pack_transposed(const Tensor& weight);

}  // namespace regard::layers
