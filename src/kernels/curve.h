// SPDX-License-Identifier: MIT
// Functions of one number, as a value and a slope on batches, turned into loops over rows.
#pragma once

#include "kernels/simd.h"

namespace regard::kernels {

/// What the loops read and write: x, y and dy in, y or dx out.
struct CurveRows {
  const float* x;
  const float* y;
  const float* dy;
  float* out;
};

/// A loop over whole batches.
using CurveLoop = void (*)(const CurveRows& rows, Index n) noexcept;

/// out = value(x)
template <class Kind>
void value_loop(const CurveRows& rows, Index n) noexcept {
  for (Index i = 0; i < n; i += simd::width) {
    simd::store(rows.out + i, Kind::value(simd::load(rows.x + i)));
  }
}

/// out += slope(x, y) dy
template <class Kind>
void slope_loop(const CurveRows& rows, Index n) noexcept {
  for (Index i = 0; i < n; i += simd::width) {
    const auto slope = Kind::slope(simd::load(rows.x + i), simd::load(rows.y + i));
    const auto so_far = simd::load(rows.out + i);
    simd::store(rows.out + i, simd::multiply_add(slope, simd::load(rows.dy + i), so_far));
  }
}

/// Several functions by their number. Each is a struct with static value(x), slope(x, y), y being
/// value(x), and `cost`, of an element, for sharing among threads. Values and slopes lie apart, so
/// that a program without gradients does not carry the slopes.
template <class... Kinds>
struct Curves {
  static constexpr CurveLoop values[] = {value_loop<Kinds>...};
  static constexpr CurveLoop slopes[] = {slope_loop<Kinds>...};
  static constexpr Index costs[] = {Kinds::cost...};
};

/// y[i] = value(x[i]) for i < n.
void apply_values(CurveLoop values, Index cost, const float* x, float* y, Index n) noexcept;

/// dx[i] += slope(x[i], y[i]) dy[i] for i < n; where slopes do not look at y, it may be x.
void apply_slopes(CurveLoop slopes, Index cost, const CurveRows& rows, Index n) noexcept;

}  // namespace regard::kernels
