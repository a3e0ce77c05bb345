// SPDX-License-Identifier: MIT
#include "kernels/dot.h"

#include "kernels/simd.h"

namespace regard::kernels {

float dot(const float* x, const float* y, Index n) noexcept {
  // Two sums, so that an addition need not wait for the one before it.
  simd::batch even = simd::broadcast(0.0f);
  simd::batch odd = even;
  Index i = 0;
  for (; i + 2 * simd::width <= n; i += 2 * simd::width) {
    even = simd::multiply_add(simd::load(x + i), simd::load(y + i), even);
    odd = simd::multiply_add(simd::load(x + i + simd::width), simd::load(y + i + simd::width), odd);
  }
  for (; i + simd::width <= n; i += simd::width) {
    even = simd::multiply_add(simd::load(x + i), simd::load(y + i), even);
  }
  float sum = simd::reduce_add(even + odd);
  for (; i < n; ++i) sum += x[i] * y[i];
  return sum;
}

namespace {

// Columns begin … begin + Vectors * width - 1 of the sum, kept in registers over all rows.
template <int Vectors>
void sum_columns(const float* weights, const float* const* rows, Index count, float* out,
                 Index begin) noexcept {
  simd::batch sums[Vectors];
  for (auto& sum : sums) sum = simd::broadcast(0.0f);
  for (Index s = 0; s < count; ++s) {
    if (weights[s] == 0) continue;
    const simd::batch weight = simd::broadcast(weights[s]);
    for (int v = 0; v < Vectors; ++v) {
      sums[v] = simd::multiply_add(weight, simd::load(rows[s] + begin + v * simd::width), sums[v]);
    }
  }
  for (int v = 0; v < Vectors; ++v) simd::store(out + begin + v * simd::width, sums[v]);
}

}  // namespace

void weighted_sum(const float* weights, const float* const* rows, Index count, float* out,
                  Index n) noexcept {
  Index i = 0;
  for (; i + 4 * simd::width <= n; i += 4 * simd::width) {
    sum_columns<4>(weights, rows, count, out, i);
  }
  for (; i + simd::width <= n; i += simd::width) sum_columns<1>(weights, rows, count, out, i);
  for (; i < n; ++i) {
    float sum = 0;
    for (Index s = 0; s < count; ++s) {
      if (weights[s] != 0) sum += weights[s] * rows[s][i];
    }
    out[i] = sum;
  }
}

}  // namespace regard::kernels
