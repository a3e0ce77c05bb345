// SPDX-License-Identifier: MIT
#include "kernels/embedding.h"

#include "kernels/rows.h"
#include "kernels/simd.h"

namespace regard::kernels {

void embed(const int32_t* ids, Index count, const float* table, Index M, float scale,
           float* out) noexcept {
  const simd::batch factor(scale);
  for_rows(count, M, [&](Index begin, Index end) {
    for (Index row = begin; row < end; ++row) {
      const float* from = table + Index{ids[row]} * M;
      simd::sweep(M, [&](Index i, auto lanes) {
        simd::store(out + row * M + i, factor * simd::load(from + i, lanes), lanes);
      });
    }
  });
}

void embed_backward(const int32_t* ids, Index count, const float* dout, Index M, float scale,
                    float* dtable) noexcept {
  // shared by columns, since two rows may add to the same row of the table
  const simd::batch factor(scale);
  for_rows(M, count, [&](Index begin, Index end) {
    for (Index row = 0; row < count; ++row) {
      const float* from = dout + row * M + begin;
      float* to = dtable + Index{ids[row]} * M + begin;
      simd::sweep(end - begin, [&](Index i, auto lanes) {
        const simd::batch so_far = simd::load(to + i, lanes);
        simd::store(to + i, simd::multiply_add(factor, simd::load(from + i, lanes), so_far), lanes);
      });
    }
  });
}

}  // namespace regard::kernels
