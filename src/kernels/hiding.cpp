// SPDX-License-Identifier: MIT
#include "kernels/hiding.h"

#include "kernels/simd.h"

namespace regard::kernels {

using simd::batch;

void hide_row(const float* mask, bool shows, float* x, Index n) noexcept {
  const batch zero(0.0f), hidden(-simd::infinity);
  simd::sweep_once(n, [&](Index i, auto lanes) {
    const batch flag = simd::load(mask + i, lanes), score = simd::load(x + i, lanes);
    // a NaN is not 0
    simd::store(x + i,
                shows ? simd::select(flag == zero, hidden, score)
                      : simd::select(flag == zero, score, hidden),
                lanes);
  });
}

void add_bias_row(const float* bias, float* x, Index n) noexcept {
  const batch hidden(-simd::infinity);
  simd::sweep_once(n, [&](Index i, auto lanes) {
    const batch added = simd::load(bias + i, lanes);
    const batch sum = simd::load(x + i, lanes) + added;
    simd::store(x + i, simd::select(added == hidden, hidden, sum), lanes);
  });
}

}  // namespace regard::kernels
