// SPDX-License-Identifier: MIT
// What is left of a batch goes through a whole one, so that each curve has one loop for values and
// one for slopes, and all share what is here. With a second loop for parts in each, the modules
// would be 3 kB larger, compressed.
#include "kernels/curve.h"

#include "kernels/rows.h"

namespace regard::kernels {

namespace {

void run(CurveLoop loop, Index cost, const CurveRows& all, Index n) noexcept {
  for_rows(n, cost, [&](Index begin, Index end) {
    const CurveRows rows{all.x + begin, all.y + begin, all.dy + begin, all.out + begin};
    const Index whole = (end - begin) / simd::width * simd::width, left = end - begin - whole;
    loop(rows, whole);
    if (left == 0) return;

    const simd::Part part{left};
    float copies[4][simd::width];
    int next = 0;
    const auto copied = [&](const float* row) {
      simd::store(copies[next], simd::load(row + whole, part));
      return copies[next++];
    };
    const CurveRows rest{copied(rows.x), copied(rows.y), copied(rows.dy), copied(rows.out)};
    loop(rest, simd::width);
    simd::store(rows.out + whole, simd::load(rest.out), part);
  });
}

}  // namespace

void apply_values(CurveLoop values, Index cost, const float* x, float* y, Index n) noexcept {
  run(values, cost, {x, x, x, y}, n);
}

void apply_slopes(CurveLoop slopes, Index cost, const CurveRows& rows, Index n) noexcept {
  run(slopes, cost, rows, n);
}

}  // namespace regard::kernels
