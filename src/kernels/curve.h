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

/// A function's two loops, over whole batches.
struct Curve {
  void (*values)(const CurveRows& rows, Index n) noexcept;  ///< out = value(x)
  void (*slopes)(const CurveRows& rows, Index n) noexcept;  ///< out += slope(x, y) dy
  Index cost;  ///< of an element, for sharing among threads
};

/// The curve of a struct with static value(x) and slope(x, y), y being value(x).
template <class Kind>
constexpr Curve curve_of(Index cost) noexcept {
  return {[](const CurveRows& rows, Index n) noexcept {
            for (Index i = 0; i < n; i += simd::width) {
              simd::store(rows.out + i, Kind::value(simd::load(rows.x + i)));
            }
          },
          [](const CurveRows& rows, Index n) noexcept {
            for (Index i = 0; i < n; i += simd::width) {
              const auto slope = Kind::slope(simd::load(rows.x + i), simd::load(rows.y + i));
              const auto so_far = simd::load(rows.out + i);
              const auto dy = simd::load(rows.dy + i);
              simd::store(rows.out + i, simd::multiply_add(slope, dy, so_far));
            }
          },
          cost};
}

/// y[i] = value(x[i]) for i < n.
void apply_curve(const Curve& curve, const float* x, float* y, Index n) noexcept;

/// dx[i] += slope(x[i], y[i]) dy[i] for i < n; y may be x if the slope does not look at it.
void apply_slope(const Curve& curve, const float* x, const float* y, const float* dy, float* dx,
                 Index n) noexcept;

}  // namespace regard::kernels
