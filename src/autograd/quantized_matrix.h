// SPDX-License-Identifier: MIT
#pragma once

#include <span>

#include "tensor/tensor.h"

namespace regard::autograd {

/// A matrix (N, K) kept as 8-bit numbers with a scale for each row, packed for products and for
/// nothing else: what a parameter holds in place of its value where a model is asked for in int8.
/// It has no gradient. How numbers are rounded: kernels/quantization.h.
class QuantizedMatrix {
 public:
  /// With undefined contents. throws ValueError if K is beyond kernels::max_depth_int8.
  QuantizedMatrix(Index N, Index K);

  Index rows() const noexcept { return N_; }
  Index columns() const noexcept { return K_; }

  /// Takes numbers over from floats, weights (N, K).
  void quantize(const Tensor& weights);
  /// The same from numbers that were quantized before: (N, K), and a scale for each row.
  void assign(std::span<const int8_t> quantized, std::span<const float> scales);

  /// x Wᵀ + bias: x (..., K), bias (N) or null → (..., N). x is quantized on the way, row by row.
  Tensor product(const Tensor& x, const float* bias) const;
  /// Rows by id, as floats: (ids, K). The caller has checked the ids.
  Tensor select(std::span<const Id> ids) const;

 private:
  Index N_, K_;
  Tensor packed_;
};

}  // namespace regard::autograd
