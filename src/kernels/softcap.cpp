// SPDX-License-Identifier: MIT
#include "kernels/softcap.h"

#include "kernels/simd.h"

namespace regard::kernels {

using simd::batch;
using simd::load;

void softcap_row(const float* x, float cap, float* y, Index n) noexcept {
  const batch most(cap), share(1.0f / cap);
  simd::sweep_once(n, [&](Index i, auto lanes) {
    simd::store(y + i, most * simd::tanh(load(x + i, lanes) * share), lanes);
  });
}

void softcap_row_backward(const float* y, const float* dy, float cap, float* dx, Index n) noexcept {
  const batch share(1.0f / cap), one(1.0f), zero(0.0f);
  simd::sweep(n, [&](Index i, auto lanes) {
    const batch tanh = load(y + i, lanes) * share, slope = load(dy + i, lanes);
    const batch gradient = simd::select(slope == zero, zero, slope * (one - tanh * tanh));
    simd::store(dx + i, gradient, lanes);
  });
}

}  // namespace regard::kernels
