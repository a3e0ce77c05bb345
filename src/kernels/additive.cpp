// SPDX-License-Identifier: MIT
#include "kernels/additive.h"

#include "kernels/simd.h"

namespace regard::kernels {

using simd::batch;
using simd::load;
using simd::multiply_add;
using simd::store;

float additive_score(const AdditiveOperands& operands, Index M) noexcept {
  const auto [query, key, vector] = operands;
  batch sum(0.0f);
  simd::sweep_once(M, [&](Index m, auto lanes) {
    const batch t = simd::tanh(load(query + m, lanes) + load(key + m, lanes));
    sum = multiply_add(load(vector + m, lanes), t, sum);
  });
  return simd::reduce_add(sum);
}

void additive_score_backward(float dscore, const AdditiveOperands& operands,
                             const AdditiveGradients& gradients, Index M) noexcept {
  const auto [query, key, vector] = operands;
  const batch arriving(dscore);
  simd::sweep_once(M, [&](Index m, auto lanes) {
    const batch t = simd::tanh(load(query + m, lanes) + load(key + m, lanes));
    const batch inner = arriving * load(vector + m, lanes) * (batch(1.0f) - t * t);

    store(gradients.vector + m, multiply_add(arriving, t, load(gradients.vector + m, lanes)),
          lanes);
    const batch dquery = load(gradients.query + m, lanes) + inner;
    const batch dkey = load(gradients.key + m, lanes) + inner;
    store(gradients.query + m, dquery, lanes);
    store(gradients.key + m, dkey, lanes);
  });
}

}  // namespace regard::kernels
