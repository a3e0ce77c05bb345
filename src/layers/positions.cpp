// SPDX-License-Identifier: MIT
#include "layers/positions.h"

#include <cmath>

namespace regard::layers {

Tensor sinusoids(Index first, Index L, Index M, SinusoidOrder order) {
  Tensor rows = Tensor::empty({L, M});
  const Index sines = (M + 1) / 2;
  for (Index i = 0; i < L; ++i) {
    float* row = rows.data() + i * M;
    for (Index j = 0; j < sines; ++j) {
      const double angle = (static_cast<double>(first) + static_cast<double>(i)) /
                           std::pow(10000.0, 2.0 * static_cast<double>(j) / static_cast<double>(M));
      const bool halves = order == SinusoidOrder::halves;
      row[halves ? j : 2 * j] = static_cast<float>(std::sin(angle));
      const Index cosine = halves ? sines + j : 2 * j + 1;
      if (cosine < M) row[cosine] = static_cast<float>(std::cos(angle));
    }
  }
  return rows;
}

}  // namespace regard::layers
