// SPDX-License-Identifier: MIT
// What was tried (7,500 numbers, of which few are above):
//   2026-11  the greatest of each 64 numbers, and then these numbers one by one: 1.5 ms of a
//            sentence's 19; a comparison of each batch, 0.2 ms
#include "kernels/threshold.h"

#include "kernels/simd.h"

namespace regard::kernels {

Index first_above(const Threshold& threshold, const float* x, Index begin, Index n) noexcept {
  const simd::batch base(threshold.base), shift(threshold.shift), bound(threshold.bound);
  const auto above = [&](Index i) { return base + (simd::load(x + i) - shift) > bound; };

  // nearly always none is: a question for four batches at a time
  Index i = begin;
  for (constexpr Index w = simd::width; i + 4 * w <= n; i += 4 * w) {
    if (simd::any(above(i) | above(i + w) | above(i + 2 * w) | above(i + 3 * w))) break;
  }
  while (i < n && !(threshold.base + (x[i] - threshold.shift) > threshold.bound)) ++i;
  return i;
}

}  // namespace regard::kernels
