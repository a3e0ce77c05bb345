// SPDX-License-Identifier: MIT
#include "kernels/gather.h"

#include <algorithm>

#include "kernels/rows.h"

namespace regard::kernels {

void gather(const float* x, const int32_t* places, const GatherSizes& sizes, float* y) noexcept {
  const auto [outer, n, count, inner] = sizes;
  for_rows(outer * count, inner, [&](Index begin, Index end) {
    for (Index row = begin; row < end; ++row) {
      const Index from = row / count * n + places[row % count];
      std::copy_n(x + from * inner, inner, y + row * inner);
    }
  });
}

void gather_backward(const float* dy, const int32_t* places, const GatherSizes& sizes,
                     float* dx) noexcept {
  const auto [outer, n, count, inner] = sizes;
  // shared by columns, since two places may be one
  const Index rows = outer * count;
  for_rows(inner, rows, [&](Index begin, Index end) {
    for (Index row = 0; row < rows; ++row) {
      const float* from = dy + row * inner;
      float* to = dx + (row / count * n + places[row % count]) * inner;
      for (Index j = begin; j < end; ++j) to[j] += from[j];
    }
  });
}

void take_along(const float* x, const int32_t* places, const GatherSizes& sizes,
                float* y) noexcept {
  const auto [outer, n, count, inner] = sizes;
  for_rows(outer * count, inner, [&](Index begin, Index end) {
    for (Index row = begin; row < end; ++row) {
      for (Index j = 0; j < inner; ++j) {
        const Index at = row * inner + j;
        y[at] = x[(row / count * n + places[at]) * inner + j];
      }
    }
  });
}

void take_along_backward(const float* dy, const int32_t* places, const GatherSizes& sizes,
                         float* dx) noexcept {
  const auto [outer, n, count, inner] = sizes;
  const Index slab = count * inner;
  for_rows(outer, slab, [&](Index begin, Index end) {
    for (Index at = begin * slab; at < end * slab; ++at) {
      dx[(at / slab * n + places[at]) * inner + at % inner] += dy[at];
    }
  });
}

}  // namespace regard::kernels
