// SPDX-License-Identifier: MIT
#include "attention/cached.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "kernels/dot.h"
#include "kernels/softmax.h"

namespace regard::attention {

namespace {

void expect_keys(const CachedKeys& cached, Index rows, Index S) {
  const auto count = static_cast<size_t>(rows);
  if (cached.keys.size() != count || cached.values.size() != count) {
    throw ShapeError("cached_attention: keys are of " + std::to_string(cached.keys.size()) +
                     " rows and values of " + std::to_string(cached.values.size()) + ", expected " +
                     std::to_string(rows));
  }
  for (size_t r = 0; r < count; ++r) {
    const size_t keys = cached.keys[r].size(), values = cached.values[r].size();
    if (keys != values || keys > static_cast<size_t>(S)) {
      throw ShapeError("cached_attention: row " + std::to_string(r) + " has " +
                       std::to_string(keys) + " keys and " + std::to_string(values) +
                       " values, expected as many, at most " + std::to_string(S));
    }
  }
}

}  // namespace

Tensor cached_attention(const Tensor& q, const CachedKeys& cached, Index H, Tensor& weights) {
  const Index rows = q.size(0), M = q.size(1), D = M / H, S = weights.size(-1);
  expect_shape("cached_attention", "weights", weights.shape(), {rows, H, S});
  expect_keys(cached, rows, S);
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
