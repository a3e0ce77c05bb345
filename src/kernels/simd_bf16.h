// SPDX-License-Identifier: MIT
// bfloat16, the upper half of an fp32, in pairs: two neighbours along the depth of a product lie in
// one 32-bit lane, the first of them in its lower half. Beside simd.h the only file that names an
// instruction set.
//
// With AVX512-BF16 the processor rounds and multiplies; elsewhere fp32 arithmetic does the same.
// The two agree bit for bit but for subnormal numbers, which the instructions take for 0 and
// replace by 0, and for which NaN it is, provided that multiply_add() rounds once.
#pragma once

#include <array>
#include <bit>

#include "io/half.h"
#include "kernels/simd.h"

namespace regard::simd {

/// Two numbers, rounded to the nearest bfloat16, ties to even.
inline uint32_t bf16_pair(float low, float high) noexcept {
  return io::to_bfloat(low) | static_cast<uint32_t>(io::to_bfloat(high)) << 16;
}

inline uint_batch load_pairs(const uint32_t* p) noexcept { return uint_batch::load_unaligned(p); }
inline uint_batch broadcast_pair(uint32_t pair) noexcept { return uint_batch(pair); }
inline void store_pairs(uint32_t* p, uint_batch pairs, Whole = {}) noexcept {
  pairs.store_unaligned(p);
}

#if defined(__AVX512BF16__)

/// Nothing beyond p + part.count is written.
inline void store_pairs(uint32_t* p, uint_batch pairs, Part part) noexcept {
  _mm512_mask_storeu_epi32(p, static_cast<__mmask16>((1u << part.count) - 1u), pairs);
}

/// The pairs (low[i], high[i]).
inline uint_batch bf16_pairs(batch low, batch high) noexcept {
  alignas(64) static constexpr auto order = [] {
    std::array<uint16_t, 2 * width> lanes{};
    for (size_t i = 0; i < lanes.size(); ++i) {
      lanes[i] = static_cast<uint16_t>(i / 2 + i % 2 * static_cast<size_t>(width));
    }
    return lanes;
  }();
  const auto halves = std::bit_cast<__m512i>(_mm512_cvtne2ps_pbh(high, low));
  return uint_batch(_mm512_permutexvar_epi16(_mm512_load_si512(order.data()), halves));
}

/// The pairs (x[0], x[1]), (x[2], x[3]), … of 2 * width floats.
inline uint_batch bf16_neighbours(const float* x) noexcept {
  return uint_batch(std::bit_cast<__m512i>(_mm512_cvtne2ps_pbh(load(x + width), load(x))));
}

/// sum + x y of both halves of each lane: first that of the upper half is added, then that of the
/// lower one, each product exact and each sum rounded once.
inline batch dot_pairs(uint_batch x, uint_batch y, batch sum) noexcept {
  return batch(_mm512_dpbf16_ps(sum, std::bit_cast<__m512bh>(static_cast<__m512i>(x)),
                                std::bit_cast<__m512bh>(static_cast<__m512i>(y))));
}

#else

inline void store_pairs(uint32_t* p, uint_batch pairs, Part part) noexcept {
  alignas(64) uint32_t lanes[width];
  pairs.store_aligned(lanes);
  for (Index i = 0; i < part.count; ++i) p[i] = lanes[i];
}

inline uint_batch bf16_pairs(batch low, batch high) noexcept {
  alignas(64) float lows[width], highs[width];
  alignas(64) uint32_t pairs[width];
  low.store_aligned(lows);
  high.store_aligned(highs);
  for (Index i = 0; i < width; ++i) pairs[i] = bf16_pair(lows[i], highs[i]);
  return uint_batch::load_aligned(pairs);
}

inline uint_batch bf16_neighbours(const float* x) noexcept {
  alignas(64) uint32_t pairs[width];
  for (Index i = 0; i < width; ++i) pairs[i] = bf16_pair(x[2 * i], x[2 * i + 1]);
  return uint_batch::load_aligned(pairs);
}

inline batch dot_pairs(uint_batch x, uint_batch y, batch sum) noexcept {
  const auto lower = [](uint_batch pairs) { return xsimd::bitwise_cast<float>(pairs << 16); };
  const auto upper = [](uint_batch pairs) {
    return xsimd::bitwise_cast<float>(pairs & uint_batch(0xffff0000u));
  };
  return multiply_add(lower(x), lower(y), multiply_add(upper(x), upper(y), sum));
}

#endif

}  // namespace regard::simd
