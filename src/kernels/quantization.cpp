// SPDX-License-Identifier: MIT
// Compiled with -ffp-contract=off: a product and a sum that one build rounds once and another twice
// would make quantized models differ between builds.
#include "kernels/quantization.h"

#include <algorithm>
#include <limits>

#include "kernels/rows.h"
#include "kernels/simd_int8.h"

namespace regard::kernels {

namespace {

using simd::batch;

// What a row reaches, 0 included; not finite if the row is not.
struct Range {
  float low, high;
  bool finite;
};

Range range_of(const float* x, Index n) noexcept {
  batch low(0.0f), high(0.0f), rest(0.0f);
  simd::sweep(n, [&](Index i, auto lanes) {
    const batch values = simd::load(x + i, lanes);
    low = simd::min(low, values);
    high = simd::max(high, values);
    rest = rest + (values - values);  // 0, or a NaN that stays
  });
  return {-simd::reduce_max(-low), simd::reduce_max(high), simd::reduce_add(rest) == 0.0f};
}

// How a row is divided: by a scale that is 0 where all of it counts as 0, and NaN where it has
// none.
struct Step {
  float scale, inverse;

  Step(float reach, bool finite) noexcept : scale(reach), inverse(0.0f) {
    if (!finite) {
      scale = std::numeric_limits<float>::quiet_NaN();
    } else if (scale < std::numeric_limits<float>::min()) {
      scale = 0.0f;
    } else {
      inverse = 1.0f / scale;
    }
  }
  bool counts() const noexcept { return inverse != 0.0f; }
};

// So many numbers at a time are rounded and then made narrower.
constexpr Index group = 16;

template <class Number>
void quantize_row(const float* x, Index n, float inverse, int32_t zero, Number* out) noexcept {
  const batch factor(inverse);
  alignas(64) int32_t lanes[group];
  alignas(64) float tail[group] = {};
  for (Index k = 0; k < n; k += group) {
    const float* from = x + k;
    if (n - k < group) from = std::copy_n(from, n - k, tail) - (n - k);
    for (Index i = 0; i < group; i += simd::width) {
      simd::store(lanes + i, simd::rounded(simd::load(from + i) * factor, zero, int8_limit));
    }
    const Index count = std::min(group, n - k);
    if (count == group) {
      for (Index i = 0; i < group; ++i) out[k + i] = static_cast<Number>(lanes[i]);
    } else {
      for (Index i = 0; i < count; ++i) out[k + i] = static_cast<Number>(lanes[i]);
    }
  }
}

// Activations of a row: whole groups, so that a product can read four at a time; 64 bytes more than
// a power of two, so that neighbouring rows do not compete for the same lines of a cache.
Index row_length(Index K) noexcept { return (K + group - 1) / group * group; }

}  // namespace

void quantize_weights(const float* weights, Index N, Index K, int8_t* quantized,
                      float* scales) noexcept {
  for_rows(N, 2 * K, [&](Index begin, Index end) {
    for (Index n = begin; n < end; ++n) {
      const Range range = range_of(weights + n * K, K);
      const Step step(std::max(-range.low, range.high) / int8_limit, range.finite);
      scales[n] = step.scale;
      if (step.counts()) {
        quantize_row(weights + n * K, K, step.inverse, 0, quantized + n * K);
      } else {
        std::fill_n(quantized + n * K, K, int8_t{0});
      }
    }
  });
}

Index QuantizedRows::size(Index rows, Index K) noexcept {
  return rows * (row_length(K) * static_cast<Index>(sizeof(simd::Activation)) / 4 + 2);
}

QuantizedRows::QuantizedRows(float* memory, Index rows, Index K) noexcept
    : values_(reinterpret_cast<char*>(memory)),
      rows_(rows),
      K_(K),
      row_bytes_(row_length(K) * static_cast<Index>(sizeof(simd::Activation))) {
  scales_ = memory + rows * row_bytes_ / 4;
  zeros_ = reinterpret_cast<int32_t*>(scales_ + rows);
}

void QuantizedRows::quantize(const float* x) noexcept {
  for_rows(rows_, 2 * K_, [&](Index begin, Index end) {
    for (Index m = begin; m < end; ++m) {
      auto* out = reinterpret_cast<simd::Activation*>(values_ + m * row_bytes_);
      const Range range = range_of(x + m * K_, K_);
      // each side by itself, since their difference may be beyond the largest float
      const Step step(range.high / int8_limit - range.low / int8_limit, range.finite);
      scales_[m] = step.scale;
      zeros_[m] = 0;
      if (step.counts()) {
        int32_t lanes[simd::width];
        simd::store(lanes, simd::rounded(batch(-range.low * step.inverse), 0, int8_limit));
        zeros_[m] = lanes[0];
        quantize_row(x + m * K_, K_, step.inverse, zeros_[m], out);
        std::fill(out + K_, out + row_length(K_), simd::Activation{0});
      } else {
        std::fill_n(out, row_length(K_), simd::Activation{0});
      }
    }
  });
}

}  // namespace regard::kernels
