// SPDX-License-Identifier: MIT
#include "attention/cached.h"

#include "attention/attention.h"
#include "support/numbers.h"
#include "thrown.h"

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

// What an edit does to a step is what it does to that row of the whole sequence.
TEST(CachedAttentionTest, EditsAreThoseOfWholeSequences) {
  constexpr Index H = 2, M = 6, S = 5, D = M / H;
  const Tensor q = random_tensor({1, 1, M}, 1), k = random_tensor({1, S, M}, 2),
               v = random_tensor({1, S, M}, 3);
  const auto keys = rows_of(k, {0, 1, 2, 3, 4}), values = rows_of(v, {0, 1, 2, 3, 4});
  for (const Stage stage :
       {Stage::queries, Stage::raw, Stage::capped, Stage::masked, Stage::weights, Stage::context}) {
    const bool of_keys = stage >= Stage::raw && stage <= Stage::weights;
    const Tensor numbers = random_tensor({of_keys ? S : D}, 4);
    const Attention whole =
        attention(q, k, v,
                  {.heads = H,
                   .weights = true,
                   .edits = {{.stage = stage, .head = 1, .row = 0, .values = numbers}}});
    // the same as row 7 of batch 3; edits of other rows and batches stay out of it
    const CachedEdits edits{{{.stage = stage, .batch = 3, .head = 1, .row = 7, .values = numbers},
                             {.stage = stage, .batch = 2, .values = random_tensor({1}, 5)},
                             {.stage = stage, .row = 6, .values = random_tensor({1}, 5)}},
                            {3},
                            7};
    Tensor weights = Tensor::empty({1, H, S});
    const Tensor output =
        cached_attention(q.reshape({1, M}), {{keys}, {values}}, H, weights, &edits);
    testing::expect_close(output.values(), testing::widened(whole.output.values()), 60);
    testing::expect_close(weights.values(), testing::widened(whole.weights.values()), 60);
  }
}

TEST(CachedAttentionTest, WithoutEditsEveryBitStays) {
  const Tensor q = random_tensor({1, 6}, 1), k = random_tensor({4, 6}, 2);
  const auto four = rows_of(k, {0, 1, 2, 3});
  Tensor plain_weights = Tensor::empty({1, 2, 4}), weights = Tensor::empty({1, 2, 4});
  const Tensor plain = cached_attention(q, {{four}, {four}}, 2, plain_weights);
  const CachedEdits none{{}, {0}, 0};
  testing::expect_same(cached_attention(q, {{four}, {four}}, 2, weights, &none).values(),
                       plain.values());
  testing::expect_same(weights.values(), plain_weights.values());
}

TEST(CachedAttentionTest, EditsThatDoNotFitAreRefused) {
  const Tensor q = random_tensor({1, 6}, 1), k = random_tensor({4, 6}, 2);
  const auto four = rows_of(k, {0, 1, 2, 3});
  Tensor weights = Tensor::zeros({1, 2, 4});
  const auto with = [&](const Edit& edit) {
    const CachedEdits edits{{edit}, {0}, 2};
    cached_attention(q, {{four}, {four}}, 2, weights, &edits);
  };
  const Tensor one = Tensor::zeros({1}), two = Tensor::zeros({2});
  EXPECT_EQ(thrown<ValueError>([&] { with({.head = 2, .values = one}); }),
            "cached_attention: an edit is of head 2, expected 0 to 1");
  EXPECT_EQ(thrown<ShapeError>([&] { with({.stage = Stage::weights, .values = two}); }),
            "cached_attention: an edit has 2 values, expected 1 or 4");
  EXPECT_EQ(thrown<ShapeError>([&] { with({.stage = Stage::context, .row = 2, .values = two}); }),
            "cached_attention: an edit has 2 values, expected 1 or 3");
  EXPECT_NO_THROW(with({.stage = Stage::context, .row = 1, .values = two}));
  const CachedEdits of_nobody{{}, {}, 0};
  EXPECT_THROW(cached_attention(q, {{four}, {four}}, 2, weights, &of_nobody), ShapeError);
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
