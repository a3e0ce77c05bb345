// SPDX-License-Identifier: MIT
// Products of quantized matrices: a quarter of the memory of floats to read, and several times as
// many products an instruction.
#pragma once

#include "kernels/matmul.h"
#include "kernels/quantization.h"

namespace regard::kernels {

/// The longest sum that 32 bits are sure to hold.
inline constexpr Index max_depth_int8 = Index{0x7fffffff} / (128 * 127);

/// How many floats pack_int8() writes over for a weight (N, K).
Index packed_size_int8(Index N, Index K) noexcept;

/// Copies quantized rows into panels of a few rows each, the order in which matmul_int8 reads them;
/// behind them their scales, and the sum of each row, which corrects for zero points.
///
/// quantized  (N, K)                    row-major, as quantize_weights() makes them
/// scales     (N)
/// packed     (packed_size_int8(N, K))  aligned to 64 bytes; holds no floats afterwards
void pack_int8(const int8_t* quantized, const float* scales, Index N, Index K,
               float* packed) noexcept;

/// C = A Wᵀ + bias, of quantized rows and packed weights.
///
///     c_mn = (sum_k q_mk w_nk - zero_m sum_k w_nk) (scale_n scale_m) + bias_n
///
/// The sums are exact, and the three roundings after them are the same in every build: so are the
/// bits of C, whatever the number of threads.
///
/// a       (M, K)  K at most max_depth_int8
/// packed          what pack_int8() wrote for a weight (N, K)
/// c       (M, N)  rows next to each other
/// bias    (N)     may be null
/// cost    O(M N K) time, on all threads
void matmul_int8(const QuantizedRows& a, const float* packed, Index N, Index K, float* c,
                 const float* bias) noexcept;

/// A row of the weights as they are multiplied: scale_n w_nk.
///
/// row  (K)
void unpack_row_int8(const float* packed, Index N, Index K, Index n, float* row) noexcept;

}  // namespace regard::kernels
