// SPDX-License-Identifier: MIT
// Floats as whole numbers of a few bits, row by row: weights once, activations as they come. What
// is rounded here is the same, bit for bit, in every build.
#pragma once

#include "tensor/shape.h"

namespace regard::kernels {

/// The largest size of a quantized weight; -128 is not used, so that the range is symmetric.
inline constexpr int int8_limit = 127;

/// Rows of weights as 8-bit numbers around 0.
///
///     scale_n = max_k |w_nk| / 127
///     q_nk    = w_nk / scale_n, rounded to the nearest, ties to even
///
/// A row whose scale would be 0 or subnormal is zeros with scale 0; one that holds a NaN or an
/// infinity is zeros with scale NaN, so that what it gives is NaN and not a wrong number.
///
/// weights    (N, K)
/// quantized  (N, K)
/// scales     (N)
void quantize_weights(const float* weights, Index N, Index K, int8_t* quantized,
                      float* scales) noexcept;

/// Rows of activations as 7-bit numbers around a zero point, in the order in which matmul_int8
/// reads them.
///
///     scale_m = (hi - lo) / 127,  lo = min(0, min_k x_mk),  hi = max(0, max_k x_mk)
///     zero_m  = -lo / scale_m, rounded likewise
///     q_mk    = zero_m + x_mk / scale_m, rounded likewise, 127 at most
///
/// so that x_mk is about scale_m (q_mk - zero_m), within a scale_m, and exactly so where it is 0:
/// as half of the numbers behind a ReLU are. Seven bits, not eight, since then products with 8-bit
/// weights can be added in pairs in 16 bits, see simd_int8.h. A row whose scale would be 0 or
/// subnormal, and one that is not finite, as above.
class QuantizedRows {
 public:
  /// How many floats of memory `rows` rows of K activations take.
  static Index size(Index rows, Index K) noexcept;

  /// memory  (size(rows, K))  aligned to 64 bytes; overwritten
  QuantizedRows(float* memory, Index rows, Index K) noexcept;

  /// x  (rows, K)
  void quantize(const float* x) noexcept;

  const void* row(Index i) const noexcept { return values_ + i * row_bytes_; }
  float scale(Index i) const noexcept { return scales_[i]; }
  int32_t zero(Index i) const noexcept { return zeros_[i]; }
  Index rows() const noexcept { return rows_; }
  Index row_bytes() const noexcept { return row_bytes_; }

 private:
  char* values_;
  float* scales_;
  int32_t* zeros_;
  Index rows_, K_, row_bytes_;
};

}  // namespace regard::kernels
