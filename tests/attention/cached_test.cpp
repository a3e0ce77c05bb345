// SPDX-License-Identifier: MIT
#include "attention/cached.h"

#include "attention/attention.h"
#include "support/numbers.h"

namespace regard::attention {
namespace {

Tensor random_tensor(const Shape& shape, uint64_t seed) {
  return Tensor::from(shape, testing::numbers(shape.count(), seed));
}

// Pointers to `count` rows of x (rows, width), in the order given.
std::vector<const float*> rows_of(const Tensor& x, const std::vector<Index>& order) {
  std::vector<const float*> rows;
  for (const Index row : order) rows.push_back(x.data() + row * x.size(-1));
  return rows;
}

// Step by step with a cache is the same as all at once with a causal mask; the two add in different
// orders, so up to the roundings of D products and S terms.
TEST(CachedAttentionTest, StepsGiveTheRowsOfCausalAttention) {
  for (const Index D : {Index{1}, simd::width - 1, simd::width, 2 * simd::width + 1}) {
    constexpr Index H = 3, S = 9;
    const Index M = H * D;
    const Tensor q = random_tensor({1, S, M}, 1), k = random_tensor({1, S, M}, 2),
                 v = random_tensor({1, S, M}, 3);
    AttentionOptions options;
    options.heads = H;
    options.causal = true;
    options.weights = true;
    const Attention whole = attention(q, k, v, options);
    const Tensor output = whole.output, weights = whole.weights;

    std::vector<Index> order;
    for (Index step = 0; step < S; ++step) {
      order.push_back(step);
      const auto keys = rows_of(k, order), values = rows_of(v, order);
      Tensor step_weights = Tensor::empty({1, H, S});
      const Tensor row = cached_attention(q.reshape({S, M}).slice(step, step + 1),
                                          {{keys}, {values}}, H, step_weights);
      const double roundings = 40.0 + 10.0 * static_cast<double>(D);
      testing::expect_close(row.values(),
                            testing::widened(output.reshape({S, M}).slice(step, step + 1).values()),
                            roundings);
      for (Index h = 0; h < H; ++h) {
        const auto at = [&](const Tensor& x, Index offset) {
          return x.values().subspan(static_cast<size_t>(offset), S);
        };
        testing::expect_close(at(step_weights, h * S),
                              testing::widened(at(weights, (h * S + step) * S)), roundings);
      }
    }
  }
}

// Beams share the rows of their common past and see unequal numbers of keys: each row's result is
// that of the row alone.
TEST(CachedAttentionTest, RowsWithPastsOfTheirOwn) {
  constexpr Index H = 2, M = 10, S = 5;
  const Tensor q = random_tensor({3, M}, 1), k = random_tensor({6, M}, 2),
               v = random_tensor({6, M}, 3);
  const std::vector<std::vector<Index>> pasts = {{0, 1, 4}, {0, 1, 2, 3, 5}, {0}};
  std::vector<std::vector<const float*>> keys, values;
  for (const auto& past : pasts) {
    keys.push_back(rows_of(k, past));
    values.push_back(rows_of(v, past));
  }
  Tensor weights = Tensor::full({3, H, S}, 7.0f);
  const Tensor output =
      cached_attention(q, {{keys.begin(), keys.end()}, {values.begin(), values.end()}}, H, weights);

  for (Index row = 0; row < 3; ++row) {
    const auto at = static_cast<size_t>(row);
    const Index count = static_cast<Index>(pasts[at].size());
    Tensor alone_weights = Tensor::empty({1, H, count});
    const Tensor alone =
        cached_attention(q.slice(row, row + 1), {{keys[at]}, {values[at]}}, H, alone_weights);
    testing::expect_same(output.slice(row, row + 1).values(), alone.values());
    for (Index h = 0; h < H; ++h) {
      const float* wide = weights.data() + (row * H + h) * S;
      for (Index s = 0; s < S; ++s) {
        EXPECT_EQ(wide[s], s < count ? alone_weights.data()[h * count + s] : 0.0f);
      }
    }
  }
}

// What rows see when there is nothing yet.
CachedKeys no_keys(size_t rows) {
  CachedKeys cached;
  cached.keys.resize(rows);
  cached.values.resize(rows);
  return cached;
}

TEST(CachedAttentionTest, WithoutKeysTheOutputIsZero) {
  const Tensor q = random_tensor({1, 6}, 1);
  Tensor weights = Tensor::full({1, 2, 3}, 7.0f);
  const Tensor output = cached_attention(q, no_keys(1), 2, weights);
  testing::expect_same(output.values(), std::vector<float>(6));
  testing::expect_same(weights.values(), std::vector<float>(6));
}

TEST(CachedAttentionTest, WhatDoesNotFitIsRefused) {
  const Tensor q = random_tensor({1, 6}, 1), k = random_tensor({4, 6}, 2);
  Tensor weights = Tensor::zeros({1, 2, 3}), two_rows = Tensor::zeros({2, 2, 3});
  EXPECT_THROW(cached_attention(q, no_keys(1), 2, two_rows), ShapeError);
  EXPECT_THROW(cached_attention(q, no_keys(2), 2, weights), ShapeError);

  const auto four = rows_of(k, {0, 1, 2, 3}), three = rows_of(k, {0, 1, 2});
  EXPECT_THROW(cached_attention(q, {{four}, {four}}, 2, weights), ShapeError);
  EXPECT_THROW(cached_attention(q, {{three}, {four}}, 2, weights), ShapeError);
}

}  // namespace
}  // namespace regard::attention
