// SPDX-License-Identifier: MIT
#include "autograd/quantized_matrix.h"

#include "autograd/operands.h"
#include "kernels/matmul_int8.h"
#include "tensor/stopwatch.h"

namespace regard::autograd {

QuantizedMatrix::QuantizedMatrix(Index N, Index K) : N_(N), K_(K) {
  if (K > kernels::max_depth_int8) {
    throw ValueError("int8: a weight is ", Shape{N, K}, ", sums of at most ",
                     kernels::max_depth_int8, " products are exact");
  }
  packed_ = Tensor::empty({kernels::packed_size_int8(N, K)});
}

void QuantizedMatrix::quantize(const Tensor& weights) {
  std::vector<int8_t> quantized(static_cast<size_t>(weights.count()));
  std::vector<float> scales(static_cast<size_t>(N_));
  kernels::quantize_weights(weights.data(), N_, K_, quantized.data(), scales.data());
  assign(quantized, scales);
}

void QuantizedMatrix::assign(std::span<const int8_t> quantized, std::span<const float> scales) {
  kernels::pack_int8(quantized.data(), scales.data(), N_, K_, packed_.data());
}

Tensor QuantizedMatrix::product(const Tensor& x, const float* bias) const {
  const Timed timed(Work::products);
  const Index rows = x.shape().rows();
  Tensor memory = Tensor::empty({kernels::QuantizedRows::size(rows, K_)});
  kernels::QuantizedRows quantized(memory.data(), rows, K_);
  quantized.quantize(x.data());
  Tensor y = Tensor::empty(with_size(x.shape(), x.shape().rank() - 1, N_));
  kernels::matmul_int8(quantized, packed_.data(), N_, K_, y.data(), bias);
  return y;
}

Tensor QuantizedMatrix::select(std::span<const Id> ids) const {
  const Index count = static_cast<Index>(ids.size());
  Tensor rows = Tensor::empty({count, K_});
  for (Index i = 0; i < count; ++i) {
    kernels::unpack_row_int8(packed_.data(), N_, K_, ids[static_cast<size_t>(i)],
                             rows.data() + i * K_);
  }
  return rows;
}

}  // namespace regard::autograd
