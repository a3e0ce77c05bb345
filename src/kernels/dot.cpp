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

}  // namespace regard::kernels
