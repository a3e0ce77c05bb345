// SPDX-License-Identifier: MIT
#include "layers/key_value_cache.h"

#include "layers/multi_head_attention.h"
#include "layers/registry.h"
#include "support/numbers.h"
#include "thrown.h"

namespace regard::layers {
namespace {

constexpr Index M = 12, H = 3;

Tensor random_tensor(const Shape& shape, uint64_t seed) {
  return Tensor::from(shape, testing::numbers(shape.count(), seed));
}

using Object = io::Json::Object;

MultiHeadAttention some_layer(Naming naming = Naming::torch) {
  Initializer initializer(5, 0.5);
  return MultiHeadAttention({.M = M, .H = H, .naming = naming}, initializer);
}

// Places first … first + count - 1 of x (B, L, M).
Tensor places(const Tensor& x, Index first, Index count) {
  const Index B = x.size(0), L = x.size(1);
  Tensor part = Tensor::empty({B, count, M});
  for (Index b = 0; b < B; ++b) {
    std::copy_n(x.data() + (b * L + first) * M, count * M, part.data() + b * count * M);
  }
  return part;
}

Tensor step(const MultiHeadAttention& layer, const Tensor& x, KeyValueCache& cache) {
  Tape tape(Tape::Mode::forget);
  Pass pass{tape};
  return layer.step(pass, autograd::constant(x), cache)->value;
}

Tensor causal(const MultiHeadAttention& layer, const Tensor& x) {
  Tape tape(Tape::Mode::forget);
  Pass pass{tape};
  const Variable y = autograd::constant(x);
  return layer.forward(pass, {y, y, y}, {.attention = {.causal = true}}).output->value;
}

// However the places are cut into steps, each gives what it has in the whole sequence; the two add
// in different orders, so up to the roundings of M products, S terms and M products again.
TEST(KeyValueCacheTest, StepsGiveTheRowsOfTheCausalLayer) {
  constexpr Index B = 2, L = 11;
  const Tensor x = random_tensor({B, L, M}, 1);
  for (const Naming naming : {Naming::torch, Naming::marian}) {
    MultiHeadAttention layer = some_layer(naming);
    for (const bool packed : {false, true}) {
      if (packed) layer.prepack();
      const Tensor whole = causal(layer, x);
      for (const std::vector<Index>& cut : {std::vector<Index>(11, 1), {11}, {4, 1, 1, 3, 2}}) {
        KeyValueCache cache = layer.cache(B, 2);  // grows twice
        for (const Index count : cut) {
          const Index first = cache.length();
          const Tensor row = step(layer, places(x, first, count), cache);
          EXPECT_EQ(row.shape(), (Shape{B, count, M}));
          testing::expect_close(row.values(),
                                testing::widened(places(whole, first, count).values()), 200);
        }
        EXPECT_EQ(cache.length(), L);
        EXPECT_GE(cache.capacity(), L);
      }
    }
  }
}

TEST(KeyValueCacheTest, ASequenceMayComeWithoutABatch) {
  const MultiHeadAttention layer = some_layer();
  const Tensor x = random_tensor({5, M}, 1);
  KeyValueCache batched = layer.cache(1, 8), plain = layer.cache(1, 8);
  const Tensor expected = step(layer, x.reshape({1, 5, M}), batched);
  const Tensor found = step(layer, x, plain);
  EXPECT_EQ(found.shape(), (Shape{5, M}));
  testing::expect_same(found.values(), expected.values());
}

// What is forgotten leaves no trace: the same steps again give the same bits.
TEST(KeyValueCacheTest, TruncatedItGoesOnFromThere) {
  const MultiHeadAttention layer = some_layer();
  const Tensor x = random_tensor({1, 6, M}, 1), other = random_tensor({1, 3, M}, 2);
  KeyValueCache cache = layer.cache(1, 4);
  step(layer, places(x, 0, 4), cache);
  const Tensor first = step(layer, places(x, 4, 1), cache);
  step(layer, other, cache);
  cache.truncate(4);
  testing::expect_same(step(layer, places(x, 4, 1), cache).values(), first.values());
  EXPECT_EQ(cache.length(), 5);
}

TEST(KeyValueCacheTest, ReorderedRowsGoOnFromTheirParents) {
  const MultiHeadAttention layer = some_layer();
  const Tensor x = random_tensor({2, 4, M}, 1), next = random_tensor({3, 1, M}, 2);
  KeyValueCache cache = layer.cache(2, 4);
  step(layer, x, cache);
  cache.reorder({1, 0, 1});
  EXPECT_EQ(cache.batch(), 3);
  const Tensor found = step(layer, next, cache);
  for (const Index b : {0, 1, 2}) {
    const Index parent = b == 1 ? 0 : 1;
    KeyValueCache alone = layer.cache(1, 4);
    step(layer, x.slice(parent, parent + 1), alone);
    const Tensor expected = step(layer, next.slice(b, b + 1), alone);
    // the rows of one product or of three, summed in the same order
    testing::expect_same(found.slice(b, b + 1).values(), expected.values());
  }
}

TEST(KeyValueCacheTest, WhatDoesNotFitIsRefused) {
  const MultiHeadAttention layer = some_layer();
  KeyValueCache cache = layer.cache(2, 4);
  const Tensor x = random_tensor({2, 3, M}, 1);
  step(layer, x, cache);
  const auto says = [&](const Shape& shape) {
    return thrown<ShapeError>([&] { step(layer, Tensor::zeros(shape), cache); });
  };
  EXPECT_EQ(says({1, 3, M}), "multi_head_attention: the step is (1, 3, 12), expected (2, 3, 12)");
  EXPECT_EQ(says({3, M}), "multi_head_attention: the step is (1, 3, 12), expected (2, 3, 12)");
  EXPECT_EQ(says({2, 3, M + 1}),
            "multi_head_attention: queries are (2, 3, 13), expected (B, L, 12) or (L, 12)");
  KeyValueCache narrow(2, M - 1, 4);
  EXPECT_EQ(thrown<ShapeError>([&] { step(layer, x, narrow); }),
            "multi_head_attention: the step is (2, 3, 12), expected (2, 3, 11)");

  EXPECT_EQ(thrown<ShapeError>([&] { cache.append(x, Tensor::zeros({2, 2, M})); }),
            "cache: values are (2, 2, 12), expected (2, 3, 12)");
  EXPECT_EQ(thrown<ShapeError>([&] { cache.append(Tensor::zeros({2, M}), x); }),
            "cache: keys are (2, 12), expected (2, L, 12)");
  EXPECT_EQ(thrown<ValueError>([&] { cache.truncate(4); }), "cache: length is 4, expected 0 to 3");
  EXPECT_EQ(thrown<ValueError>([&] { cache.reorder({0, 2}); }),
            "cache: a parent is 2, expected 0 to 1");
  EXPECT_EQ(thrown<ValueError>([&] { cache.reorder({}); }),
            "cache: there are no parents, expected at least one");
  EXPECT_THROW(layer.cache(1, 0), ValueError);
  EXPECT_EQ(cache.length(), 3);  // nothing has changed
}

TEST(KeyValueCacheTest, OtherLayersHaveNoStep) {
  Initializer initializer(5);
  const auto says = [&](const char* kind, const Object& options) {
    return thrown<ValueError>(
        [&] { make_layer(kind, io::Json(options), initializer)->cache(1, 1); });
  };
  EXPECT_EQ(says("Linear", {{"inFeatures", 2}, {"outFeatures", 2}}),
            "Linear: there is no step with a cache");
  const std::string begin = "multi_head_attention: there is no step with a cache for ";
  EXPECT_EQ(says("MultiHeadAttention",
                 {{"embedDim", 4}, {"numHeads", 2}, {"rotary", io::Json(Object{})}}),
            begin + "rotary, relative or added keys");
  EXPECT_EQ(says("MultiHeadAttention", {{"embedDim", 4}, {"numHeads", 2}, {"kdim", 3}}),
            begin + "queries, keys and values of several widths");
}

// (L, B, M), as PyTorch has it by default.
TEST(KeyValueCacheTest, TheBatchMayComeSecond) {
  Initializer initializer(5);
  const auto layer = make_layer(
      "MultiHeadAttention",
      io::Json(Object{{"embedDim", 12}, {"numHeads", 3}, {"batchFirst", false}}), initializer);
  const auto cache = layer->cache(2, 4);
  Tape tape(Tape::Mode::forget);
  Pass pass{tape};
  const Variable x = autograd::constant(random_tensor({4, 2, M}, 1));
  const Variable found = layer->step(pass, x, *cache);
  const auto whole = layer->forward(pass, {{"queries", x}, {"keys", x}, {"values", x}},
                                    io::Json(Object{{"causal", true}}));
  EXPECT_EQ(found->value.shape(), (Shape{4, 2, M}));
  testing::expect_close(found->value.values(), testing::widened(whole[0].second->value.values()),
                        200);
}

}  // namespace
}  // namespace regard::layers
