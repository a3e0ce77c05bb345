// SPDX-License-Identifier: MIT
// The one batch type that kernels are written on, and with simd_bf16.h and simd_int8.h the only
// file that names instruction sets.
// Its width is 16 floats with AVX-512, 8 with AVX2, 4 with SSE, NEON and WebAssembly.
//
// A kernel walks a row with sweep(): whole batches first, then one part of a batch, through the
// same arithmetic. So an element's result does not depend on where in its row or range it stands.
//
// What was tried (Node 20 without relaxed SIMD / AVX-512, ns an element, one run each):
//   2026-11  exp by adding a magic number, without conversions to integers: 1.27 / 0.12; by
//            xsimd::exp, which is infinity from 88.38 on, 1.58 / 0.11
//   2026-11  2^y for y <= 0, for softmax: 0.53 / 0.03; its constants held in registers, not written
//            into the loop, or its polynomial in two halves: no gain; in two halves with
//            relaxed_madd: 0.42 for 0.35
//   2026-11  tanh from exp and a polynomial near 0: 2.6 / 0.23; by xsimd::tanh 2.9 / 0.25
//   2026-11  relaxed_madd by hand, since xsimd 13.2 has no fma for wasm
//   2026-11  parts of a batch loaded and stored out of line: as fast, since a row has one at most,
//            and a wasm module is 3 kB compressed smaller
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <xsimd/xsimd.hpp>

#include "tensor/shape.h"

#if defined(__wasm_simd128__)
#include <wasm_simd128.h>
#endif

namespace regard::simd {

using batch = xsimd::batch<float>;
using mask = xsimd::batch_bool<float>;
using int_batch = xsimd::batch<int32_t>;
using uint_batch = xsimd::batch<uint32_t>;

constexpr Index width = static_cast<Index>(batch::size);

/// How many batches the processor holds at once: what the tiles of matmul are sized by.
#if defined(__AVX512F__) || defined(__aarch64__)
constexpr int registers = 32;
#else
constexpr int registers = 16;
#endif

constexpr float infinity = std::numeric_limits<float>::infinity();

/// All `width` lanes of a batch.
struct Whole {};

/// The first `count` lanes of a batch, 0 < count < width.
struct Part {
  Index count;
};

inline batch broadcast(float value) noexcept { return batch(value); }

/// Floats from p on, which need not be aligned.
inline batch load(const float* p) noexcept { return batch::load_unaligned(p); }
inline batch load(const float* p, Whole, float = 0.0f) noexcept { return load(p); }

/// The lanes beyond the part hold `fill`; nothing beyond p + part.count is read.
#if defined(__AVX512F__)
inline batch load(const float* p, Part part, float fill = 0.0f) noexcept {
  const auto lanes = static_cast<__mmask16>((1u << part.count) - 1u);
  return _mm512_mask_loadu_ps(_mm512_set1_ps(fill), lanes, p);
}
#else
[[gnu::noinline]] inline batch load(const float* p, Part part, float fill = 0.0f) noexcept {
  alignas(64) float lanes[width];
  for (Index i = 0; i < width; ++i) lanes[i] = i < part.count ? p[i] : fill;
  return batch::load_aligned(lanes);
}
#endif

inline void store(float* p, batch value) noexcept { value.store_unaligned(p); }
inline void store(float* p, batch value, Whole) noexcept { store(p, value); }

/// Nothing beyond p + part.count is written.
#if defined(__AVX512F__)
inline void store(float* p, batch value, Part part) noexcept {
  _mm512_mask_storeu_ps(p, static_cast<__mmask16>((1u << part.count) - 1u), value);
}
#else
[[gnu::noinline]] inline void store(float* p, batch value, Part part) noexcept {
  alignas(64) float lanes[width];
  value.store_aligned(lanes);
  for (Index i = 0; i < part.count; ++i) p[i] = lanes[i];
}
#endif

/// Calls body(i, Whole) for every batch that lies in 0 … n-1, then body(i, Part) for what is left.
template <class Body>
inline void sweep(Index n, Body&& body) {
  Index i = 0;
  for (; i + width <= n; i += width) body(i, Whole{});
  if (i < n) body(i, Part{n - i});
}

/// What is left of a row: a whole batch, or a part of one if `count` is below its width.
struct Rest {
  Index count;
};

inline batch load(const float* p, Rest rest, float fill = 0.0f) noexcept {
  return rest.count >= width ? load(p) : load(p, Part{rest.count}, fill);
}

inline void store(float* p, batch value, Rest rest) noexcept {
  if (rest.count >= width) {
    store(p, value);
  } else {
    store(p, value, Part{rest.count});
  }
}

/// As sweep(), with body(i, Rest) each time: for long bodies, which are compiled once instead of
/// twice and do not notice that every batch is asked whether it is whole.
template <class Body>
inline void sweep_once(Index n, Body&& body) {
  for (Index i = 0; i < n; i += width) body(i, Rest{n - i});
}

/// a * b + c, rounded once where the target has such an instruction, else twice.
inline batch multiply_add(batch a, batch b, batch c) noexcept {
#if defined(__wasm_relaxed_simd__)
  return batch(wasm_f32x4_relaxed_madd(a, b, c));
#else
  return xsimd::fma(a, b, c);
#endif
}

inline batch max(batch a, batch b) noexcept { return xsimd::max(a, b); }
inline batch min(batch a, batch b) noexcept { return xsimd::min(a, b); }

/// x, or `bound` where x is below it; a NaN stays, in one instruction where there is one.
inline batch at_least(batch x, batch bound) noexcept {
#if defined(__wasm_simd128__)
  return batch(wasm_f32x4_pmax(x, bound));
#elif defined(__SSE2__)
  return xsimd::max(bound, x);  // of a NaN and a number the second operand
#else
  return xsimd::select(x < bound, bound, x);
#endif
}

inline batch abs(batch a) noexcept { return xsimd::abs(a); }
inline batch sqrt(batch a) noexcept { return xsimd::sqrt(a); }
inline batch log(batch a) noexcept { return xsimd::log(a); }
inline batch select(mask condition, batch yes, batch no) noexcept {
  return xsimd::select(condition, yes, no);
}
inline bool any(mask condition) noexcept { return xsimd::any(condition); }

/// first, first + 1, first + 2, …, modulo 2^32.
inline uint_batch count_from(uint32_t first) noexcept {
  alignas(64) static constexpr auto steps = [] {
    std::array<uint32_t, width> lanes{};
    for (uint32_t i = 0; i < lanes.size(); ++i) lanes[i] = i;
    return lanes;
  }();
  return uint_batch(first) + uint_batch::load_aligned(steps.data());
}

/// The lower 32 bits of each product; xsimd 13.2 goes lane by lane on wasm.
inline uint_batch multiply(uint_batch a, uint_batch b) noexcept {
#if defined(__wasm_simd128__)
  return uint_batch(wasm_i32x4_mul(a, b));
#else
  return a * b;
#endif
}

/// The upper 24 bits of each word as a number in [0, 1).
inline batch unit_interval(uint_batch word) noexcept {
  return xsimd::to_float(xsimd::bitwise_cast<int32_t>(word >> 8)) * batch(0x1p-24f);
}

/// Makes columns of `width` rows: lane i of row j becomes lane j of row i.
inline void transpose(batch* rows) noexcept { xsimd::transpose(rows, rows + width); }

/// The sum of the lanes; the order is fixed for a given width.
inline float reduce_add(batch a) noexcept { return xsimd::reduce_add(a); }
inline float reduce_max(batch a) noexcept { return xsimd::reduce_max(a); }

/// e to the power of x, within 1.5 units in the last place on [-86.9, 88.7], both sides measured
/// against double; 0 below -87 (and so for -infinity), infinity from 88.73 on, NaN for NaN.
inline batch exp(batch x) noexcept {
  const batch bounded = min(max(x, batch(-87.5f)), batch(89.0f));

  // x = n log 2 + r: adding 1.5 * 2^23 leaves n, rounded to nearest, in the low bits
  const batch magic(12582912.0f);
  const batch shifted = multiply_add(bounded, batch(1.44269504f), magic);
  const batch n = shifted - magic;
  batch r = multiply_add(n, batch(-0.693359375f), bounded);  // 355 / 512: n times it is exact
  r = multiply_add(n, batch(2.12194440e-4f), r);

  // e^r = 1 + r + r^2 q(r); q is the minimax polynomial of degree 4, off by 3e-9 relative to e^r
  batch q = multiply_add(r, batch(0.001381454f), batch(0.008368745f));
  q = multiply_add(r, q, batch(0.04166839f));
  q = multiply_add(r, q, batch(0.16666521f));
  q = multiply_add(r, q, batch(0.49999994f));
  const batch power = multiply_add(r * r, q, r) + batch(1.0f);

  // 2^(n-1) straight into the exponent, then doubled: n reaches 128; n = -126 gives the zero
  const int_batch exponent = (xsimd::bitwise_cast<int32_t>(shifted) << 23) + int_batch(126 << 23);
  const batch half_scale = xsimd::bitwise_cast<float>(exponent);
  const batch result = power * half_scale * batch(2.0f);
  return select(x == x, result, x);
}

/// 2 to the power of y for y <= 0: within 2^-22 of the result on [-126, 0], 0 from -127 on (and so
/// for -infinity), NaN for NaN.
inline batch exp2_below(batch y) noexcept {
  const batch bounded = at_least(y, batch(-127.0f));

  // y = n + f: adding 1.5 * 2^23 + 127 leaves n + 127, rounded to nearest, in the low bits
  const batch magic(12583039.0f);
  const batch shifted = bounded + magic;
  const batch f = bounded - (shifted - magic);

  // 2^f = 1 + f p(f); p is the minimax polynomial of degree 4, off by 9.2e-8 relative to 2^f
  batch p = multiply_add(f, batch(0.0013264727f), batch(0.009671513f));
  p = multiply_add(f, p, batch(0.055507336f));
  p = multiply_add(f, p, batch(0.24022242f));
  p = multiply_add(f, p, batch(0.693147f));
  p = multiply_add(f, p, batch(1.0f));

  // n + 127 straight into the exponent: n = -127 gives the zero
  return p * xsimd::bitwise_cast<float>(xsimd::bitwise_cast<int32_t>(shifted) << 23);
}

/// 1 / (1 + e^-x), without overflow on either side.
inline batch sigmoid(batch x) noexcept { return batch(1.0f) / (batch(1.0f) + exp(-x)); }

/// The hyperbolic tangent, within 3 units in the last place.
inline batch tanh(batch x) noexcept {
  // near 0 the quotient would cancel: x + x^3 p(x^2), p minimax of degree 4 on |x| <= 0.625
  const batch square = x * x;
  batch p = multiply_add(square, batch(-0.0057049873f), batch(0.020639088f));
  p = multiply_add(square, p, batch(-0.053739715f));
  p = multiply_add(square, p, batch(0.13331442f));
  p = multiply_add(square, p, batch(-0.3333328f));
  const batch near = multiply_add(square * x, p, x);

  const batch size = abs(x);
  const batch far = batch(1.0f) - batch(2.0f) / (exp(size + size) + batch(1.0f));
  return select(size <= batch(0.625f), near, xsimd::copysign(far, x));
}

}  // namespace regard::simd
