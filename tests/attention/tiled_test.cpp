// SPDX-License-Identifier: MIT
// Attention without weights: the same numbers as with them, and long inputs in memory that grows
// with their length. The sweep compares the two under every mask.
#include "attention/tiled.h"

#include <cmath>
#include <functional>

#include "attention/attention.h"
#include "support/numbers.h"
#include "tensor/arena.h"
#include "thrown.h"

namespace regard::attention {
namespace {

Tensor random_tensor(const Shape& shape, uint64_t seed) {
  return Tensor::from(shape, testing::numbers(shape.count(), seed));
}

struct Inputs {
  Inputs(Index H, Index kv_heads, Index L, Index S, Index D)
      : q(random_tensor({1, H, L, D}, 1)),
        k(random_tensor({1, kv_heads, S, D}, 2)),
        v(random_tensor({1, kv_heads, S, D}, 3)),
        dout(random_tensor({1, H, L, D}, 4)) {}
  Tensor q, k, v, dout;
};

// Forward and backward with weights kept and without. A row adds up to S products in tiles of 256
// and one that is rescaled once a tile: 2 roundings a tile beside those of one tile.
void expect_same_as_readable(const Inputs& in, AttentionOptions options, const std::string& what) {
  SCOPED_TRACE(what);
  Attention arrived;
  arrived.output = in.dout;
  options.form = Form::tiled;
  const Attention tiled = attention(in.q, in.k, in.v, options);
  const auto dtiled = attention_backward(in.q, in.k, in.v, options, tiled, arrived);
  ASSERT_FALSE(tiled.weights.defined());
  options.form = Form::readable;
  const Attention readable = attention(in.q, in.k, in.v, options);
  const auto dreadable = attention_backward(in.q, in.k, in.v, options, readable, arrived);

  const double roundings = 64 + 2 * static_cast<double>(in.k.size(2)) / 256;
  const auto same = [&](const Tensor& a, const Tensor& b, const char* name) {
    ASSERT_EQ(a.defined(), b.defined()) << name;
    if (a.defined()) {
      testing::expect_close(a.values(), testing::widened(b.values()), roundings, name);
    }
  };
  same(tiled.output, readable.output, "output");
  same(dtiled.q, dreadable.q, "dq");
  same(dtiled.k, dreadable.k, "dk");
  same(dtiled.v, dreadable.v, "dv");
  same(dtiled.bias, dreadable.bias, "dbias");
}

// Lengths on both sides of a tile's edges, queries and keys.
TEST(TiledAttentionTest, AgreesWithTheReadableFormAtEveryEdge) {
  for (const Index L : {1, 3, 15, 17, 47, 48, 49, 97}) {
    for (const Index S : {255, 256, 257, 513}) {
      const Inputs in(2, 1, L, S, 5);
      expect_same_as_readable(in, {}, "all");
      expect_same_as_readable(in, {.causal = true, .origin = Origin::bottom_right}, "causal");
      expect_same_as_readable(in, {.origin = Origin::top_left, .window = {.left = 3, .right = 260}},
                              "window");
      expect_same_as_readable(in, {.softcap = 1.5f, .dropout = 0.3f, .seed = 5},
                              "softcap, dropout");
      expect_same_as_readable(in, {.bias = random_tensor({1, 1, L, S}, 6), .key_lengths = {S - 9}},
                              "bias and lengths");
    }
  }
}

// Looking at the weights changes nothing, bit for bit, as long as the keys are one tile's.
TEST(TiledAttentionTest, UpToOneTileWeightsChangeNothing) {
  for (const Index L : {1, 2, 3, 16, 37, 100}) {
    for (const Index S : {1, 5, 16, 100, 256}) {
      const Inputs in(2, 2, L, S, 12);
      AttentionOptions lengths, causal;
      lengths.key_lengths = {(S + 1) / 2};
      causal.causal = true;
      causal.origin = Origin::top_left;
      for (const AttentionOptions& plain : {AttentionOptions{}, lengths, causal}) {
        AttentionOptions looking = plain;
        looking.weights = true;
        const Tensor seen = attention(in.q, in.k, in.v, looking).output;
        testing::expect_same(attention(in.q, in.k, in.v, plain).output.values(), seen.values());
      }
    }
  }
}

// The first keys are hidden for all rows of a block, later ones for some: running maxima start at
// -infinity and stay there for a while.
TEST(TiledAttentionTest, RowsMayBeginWithHiddenTiles) {
  constexpr Index L = 60, S = 600;
  const Inputs in(1, 1, L, S, 8);
  Tensor mask = Tensor::zeros({L, S});
  for (Index l = 0; l < L; ++l) {
    if (l % 10 == 0) continue;  // sees nothing
    for (Index s = 9 * l; s < S; s += 7) mask.data()[l * S + s] = 1;
  }
  for (const EmptyRow empty : {EmptyRow::zeros, EmptyRow::nan}) {
    expect_same_as_readable(in, {.mask = mask, .empty_row = empty}, "mask");
  }
  expect_same_as_readable(in, {.mask = mask, .mask_value = -1e6f, .empty_row = EmptyRow::softmax},
                          "mask value");
}

// One row of exact attention in double.
std::vector<double> exact_row(const Inputs& in, Index l, Index keys) {
  const Index D = in.q.size(3);
  std::vector<double> scores, output(static_cast<size_t>(D));
  double most = -1e300, sum = 0;
  for (Index s = 0; s < keys; ++s) {
    double score = 0;
    for (Index d = 0; d < D; ++d) {
      score +=
          static_cast<double>(in.q.data()[l * D + d]) * static_cast<double>(in.k.data()[s * D + d]);
    }
    scores.push_back(score / std::sqrt(static_cast<double>(D)));
    most = std::max(most, scores.back());
  }
  for (double& score : scores) sum += score = std::exp(score - most);
  for (Index s = 0; s < keys; ++s) {
    for (Index d = 0; d < D; ++d) {
      output[static_cast<size_t>(d)] +=
          scores[static_cast<size_t>(s)] / sum * static_cast<double>(in.v.data()[s * D + d]);
    }
  }
  return output;
}

// Bytes that a call needs at once, beside its operands.
size_t bytes_of(const std::function<void()>& call) {
  Arena& arena = Arena::shared();
  arena.trim();
  const size_t before = arena.used();
  call();
  return arena.used() + arena.idle() - before;
}

// 16,384 queries and keys. All their weights would be a gigabyte for each head.
TEST(TiledAttentionTest, LongInputsNeedMemoryThatGrowsWithTheirLength) {
  size_t half = 0;
  for (const Index n : {8192, 16384}) {
    const Inputs in(1, 1, n, n, 64);
    const AttentionOptions causal{.causal = true};
    Attention forward;
    AttentionGradients gradients;
    const size_t bytes = bytes_of([&] {
      forward = attention(in.q, in.k, in.v, causal);
      Attention arrived;
      arrived.output = in.dout;
      gradients = attention_backward(in.q, in.k, in.v, causal, forward, arrived);
    });
    // output and three gradients, and packed once for each use: keys twice and the values twice
    EXPECT_LT(bytes, static_cast<size_t>(12 * n * 64) * sizeof(float));
    if (half) {
      EXPECT_LT(static_cast<double>(bytes), 2.1 * static_cast<double>(half));
    }
    half = bytes;
    if (n < 16384) continue;

    for (const Index l : {Index{0}, Index{255}, Index{8191}, n - 1}) {
      const auto expected = exact_row(in, l, l + 1);
      const auto row = forward.output.values().subspan(static_cast<size_t>(l * 64), 64);
      // a mean of values up to 4.5, summed in 64 tiles of 256
      for (size_t d = 0; d < 64; ++d) EXPECT_NEAR(row[d], expected[d], 2e-6) << l << ", " << d;
    }
    // The gradient of each query's sum of weights is 0, so dV's columns add up to dO's.
    for (Index d = 0; d < 64; ++d) {
      double of_values = 0, of_outputs = 0;
      for (Index i = 0; i < n; ++i) {
        of_values += static_cast<double>(gradients.v.data()[i * 64 + d]);
        of_outputs += static_cast<double>(in.dout.data()[i * 64 + d]);
      }
      // 16,384 terms of size 1, each within some roundings
      EXPECT_NEAR(of_values, of_outputs, 16384 * 64 * testing::rounding);
    }
  }
}

}  // namespace
}  // namespace regard::attention
