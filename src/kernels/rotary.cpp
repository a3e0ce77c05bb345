// SPDX-License-Identifier: MIT
#include "kernels/rotary.h"

#include <algorithm>

#include "kernels/rows.h"

namespace regard::kernels {

void rotate(const float* x, const RotarySizes& sizes, RotaryPairs pairs, const float* cosine,
            const float* sine, float direction, float* y) noexcept {
  const Index half = sizes.width / 2;
  const bool halves = pairs == RotaryPairs::halves;
  const Index apart = halves ? half : 1, next = halves ? 1 : 2;
  for_rows(sizes.rows, sizes.D, [&](Index begin, Index end) {
    for (Index row = begin; row < end; ++row) {
      const Index place = row / sizes.repeat % sizes.L;
      const float* from = x + row * sizes.D;
      float* to = y + row * sizes.D;
      for (Index j = 0; j < half; ++j) {
        const Index a = j * next, b = a + apart;
        const float c = cosine[place * half + j], s = direction * sine[place * half + j];
        to[a] = from[a] * c - from[b] * s;
        to[b] = from[b] * c + from[a] * s;
      }
      std::copy(from + sizes.width, from + sizes.D, to + sizes.width);
    }
  });
}

}  // namespace regard::kernels
