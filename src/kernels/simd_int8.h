// SPDX-License-Identifier: MIT
// Dot products of small whole numbers, four neighbours along the depth of a product in one 32-bit
// lane: weights of 8 bits with a sign times activations of 7 bits without one. Beside simd.h and
// simd_bf16.h the only file that names an instruction set.
//
// Seven bits make every target exact: where an instruction adds two products in 16 bits, they are
// at most 2 * 128 * 127 in size, and no 16 bits overflow; and WebAssembly's relaxed dot, which may
// take its second operand with a sign or without, cannot tell. So all builds give the same sums.
#pragma once

#include <bit>
#include <cstring>

#include "kernels/simd.h"

namespace regard::simd {

#if defined(__wasm_simd128__) && !defined(__wasm_relaxed_simd__)

// Without a dot product of bytes, one of 16-bit numbers: activations are stored as such, weights
// are widened when they are loaded. A lane's four products arrive in two neighbouring sums.
using Activation = int16_t;
constexpr int dot_registers = 2;
struct Weights {
  v128_t low, high;
};
struct DotSums {
  v128_t low = wasm_i32x4_splat(0), high = wasm_i32x4_splat(0);
};

inline Weights load_weights(const int8_t* p) noexcept {
  const v128_t bytes = wasm_v128_load(p);
  return {wasm_i16x8_extend_low_i8x16(bytes), wasm_i16x8_extend_high_i8x16(bytes)};
}

inline void add_dot(DotSums& sums, const Weights& weights, const Activation* four) noexcept {
  const v128_t values = wasm_v128_load64_splat(four);
  sums.low = wasm_i32x4_add(sums.low, wasm_i32x4_dot_i16x8(weights.low, values));
  sums.high = wasm_i32x4_add(sums.high, wasm_i32x4_dot_i16x8(weights.high, values));
}

inline int_batch total(const DotSums& sums) noexcept {
  return int_batch(wasm_i32x4_add(wasm_i32x4_shuffle(sums.low, sums.high, 0, 2, 4, 6),
                                  wasm_i32x4_shuffle(sums.low, sums.high, 1, 3, 5, 7)));
}

#else

using Activation = int8_t;
/// How many registers a DotSums takes.
constexpr int dot_registers = 1;

/// The four activations from p on, as one lane.
inline int32_t four_activations(const Activation* p) noexcept {
  int32_t four;
  std::memcpy(&four, p, sizeof four);
  return four;
}

#if defined(__wasm_relaxed_simd__)

using Weights = v128_t;
struct DotSums {
  v128_t sums = wasm_i32x4_splat(0);
};
inline Weights load_weights(const int8_t* p) noexcept { return wasm_v128_load(p); }
inline void add_dot(DotSums& sums, Weights weights, const Activation* four) noexcept {
  sums.sums =
      wasm_i32x4_relaxed_dot_i8x16_i7x16_add(weights, wasm_v128_load32_splat(four), sums.sums);
}
inline int_batch total(const DotSums& sums) noexcept { return int_batch(sums.sums); }

#elif defined(__AVX512BW__)

using Weights = __m512i;
struct DotSums {
  __m512i sums = _mm512_setzero_si512();
};
inline Weights load_weights(const int8_t* p) noexcept { return _mm512_loadu_si512(p); }
inline void add_dot(DotSums& sums, Weights weights, const Activation* four) noexcept {
  const __m512i values = _mm512_set1_epi32(four_activations(four));
#if defined(__AVX512VNNI__)
  sums.sums = _mm512_dpbusd_epi32(sums.sums, values, weights);
#else
  const __m512i pairs = _mm512_maddubs_epi16(values, weights);
  sums.sums = _mm512_add_epi32(sums.sums, _mm512_madd_epi16(pairs, _mm512_set1_epi16(1)));
#endif
}
inline int_batch total(const DotSums& sums) noexcept { return int_batch(sums.sums); }

#elif defined(__AVX2__) && !defined(__AVX512F__)

using Weights = __m256i;
struct DotSums {
  __m256i sums = _mm256_setzero_si256();
};
inline Weights load_weights(const int8_t* p) noexcept {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p));
}
inline void add_dot(DotSums& sums, Weights weights, const Activation* four) noexcept {
  const __m256i pairs = _mm256_maddubs_epi16(_mm256_set1_epi32(four_activations(four)), weights);
  sums.sums = _mm256_add_epi32(sums.sums, _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)));
}
inline int_batch total(const DotSums& sums) noexcept { return int_batch(sums.sums); }

#elif defined(__SSSE3__) && !defined(__AVX__)

using Weights = __m128i;
struct DotSums {
  __m128i sums = _mm_setzero_si128();
};
inline Weights load_weights(const int8_t* p) noexcept {
  return _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
}
inline void add_dot(DotSums& sums, Weights weights, const Activation* four) noexcept {
  const __m128i pairs = _mm_maddubs_epi16(_mm_set1_epi32(four_activations(four)), weights);
  sums.sums = _mm_add_epi32(sums.sums, _mm_madd_epi16(pairs, _mm_set1_epi16(1)));
}
inline int_batch total(const DotSums& sums) noexcept { return int_batch(sums.sums); }

#else

// Any other processor, in words that compilers make into what it has.
using Weights = const int8_t*;
struct DotSums {
  int32_t sums[width] = {};
};
inline Weights load_weights(const int8_t* p) noexcept { return p; }
inline void add_dot(DotSums& sums, Weights weights, const Activation* four) noexcept {
  for (Index lane = 0; lane < width; ++lane) {
    for (Index i = 0; i < 4; ++i) sums.sums[lane] += weights[4 * lane + i] * four[i];
  }
}
inline int_batch total(const DotSums& sums) noexcept {
  return int_batch::load_unaligned(sums.sums);
}

#endif

#endif

/// What the sums are once each activation has its zero point taken off, as floats: sums of so many
/// rows of weights stand in row_sums.
inline batch corrected(const DotSums& sums, const int32_t* row_sums, int32_t zero) noexcept {
  const auto taken = multiply(uint_batch(static_cast<uint32_t>(zero)),
                              xsimd::bitwise_cast<uint32_t>(int_batch::load_unaligned(row_sums)));
  return xsimd::to_float(total(sums) - xsimd::bitwise_cast<int32_t>(taken));
}

/// x rounded to the nearest whole number, ties to even, plus an offset, but at most `limit`; for
/// numbers up to 2^22 in size. Adding 1.5 * 2^23 leaves a number, rounded, in the low bits: without
/// conversions that some targets only have one lane at a time.
inline int_batch rounded(batch x, int32_t offset, int32_t limit) noexcept {
  constexpr float magic = 12582912.0f;
  const int_batch bits = xsimd::bitwise_cast<int32_t>(x + batch(magic));
  return xsimd::min(bits + int_batch(offset - std::bit_cast<int32_t>(magic)), int_batch(limit));
}

inline void store(int32_t* p, int_batch values) noexcept { values.store_unaligned(p); }

}  // namespace regard::simd
