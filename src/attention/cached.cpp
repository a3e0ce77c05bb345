// SPDX-License-Identifier: MIT
#include "attention/cached.h"

#include <algorithm>
#include <cmath>

#include "kernels/dot.h"
#include "kernels/softmax.h"

namespace regard::attention {

Tensor cached_attention(const Tensor& q, const CachedKeys& cached, Index H, Tensor& weights) {
  const Index rows = q.size(0), M = q.size(1), D = M / H, S = weights.size(-1);
  expect_shape("cached_attention", "weights", weights.shape(), {rows, H, S});
  Tensor output = Tensor::empty(q.shape());
  const float scale = 1.0f / std::sqrt(static_cast<float>(D));
  std::vector<const float*> head_values;

  for (Index r = 0; r < rows; ++r) {
    const auto& keys = cached.keys[static_cast<size_t>(r)];
    const auto& values = cached.values[static_cast<size_t>(r)];
    const Index count = static_cast<Index>(keys.size());
    for (Index h = 0; h < H; ++h) {
      const float* query = q.data() + r * M + h * D;
      float* weight = weights.data() + (r * H + h) * S;
      head_values.resize(values.size());
      for (size_t s = 0; s < keys.size(); ++s) {
        weight[s] = scale * kernels::dot(query, keys[s] + h * D, D);
        head_values[s] = values[s] + h * D;
      }
      kernels::softmax_row(weight, weight, count);
      std::fill(weight + count, weight + S, 0.0f);
      kernels::weighted_sum(weight, head_values.data(), count, output.data() + r * M + h * D, D);
    }
  }
  return output;
}

}  // namespace regard::attention
