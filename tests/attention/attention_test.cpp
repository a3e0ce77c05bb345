// SPDX-License-Identifier: MIT
#include "attention/attention.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "reference/attention.h"
#include "support/gradient.h"
#include "support/numbers.h"
#include "tensor/parallel.h"

namespace regard::attention {
namespace {

using reference::Dual;
using reference::Matrix;

constexpr Index B = 2, H = 2;

struct Case {
  Index L, S, D, Dv;
  std::optional<Origin> causal = {};
  std::vector<Index> key_lengths = {};
  std::optional<float> scale = {};

  AttentionOptions options() const {
    AttentionOptions options;
    options.scale = scale;
    options.key_lengths = key_lengths;
    options.causal = causal.has_value();
    options.origin = causal.value_or(Origin::unstated);
    options.weights = true;
    return options;
  }
  // The form that keeps no weights.
  AttentionOptions tiled() const {
    AttentionOptions all = options();
    all.weights = false;
    all.form = Form::tiled;
    return all;
  }

  reference::Mask mask(Index b) const {
    reference::Mask keys = reference::all_keys();
    if (!key_lengths.empty()) keys = reference::first_keys(key_lengths[static_cast<size_t>(b)]);
    if (!causal) return keys;
    return reference::both(keys, *causal == Origin::top_left
                                     ? reference::causal_top_left()
                                     : reference::causal_bottom_right(L, S));
  }
};

// Widths and lengths around a batch, every mask with fewer, as many and more keys than queries, a
// sequence without any key, and nothing at all.
std::vector<Case> cases() {
  const Index w = simd::width;
  std::vector<Case> result;
  for (const Index S : testing::sizes()) result.push_back({3, S, 5, 4});
  for (const Index D : {Index{1}, w - 1, w, w + 1, 2 * w + 1}) {
    result.push_back({5, 7, D, D + 1});
    result.push_back({5, 7, D + 1, D});
  }
  for (const std::optional<Origin> causal :
       {std::optional<Origin>(), std::optional(Origin::top_left),
        std::optional(Origin::bottom_right)}) {
    for (const auto& [L, S] : {std::pair<Index, Index>{6, 6}, {3, 7}, {7, 3}, {1, 5}, {5, 1}}) {
      result.push_back({L, S, 4, 3, causal});
      result.push_back({L, S, 4, 3, causal, {S, S / 2}});
      result.push_back({L, S, 4, 3, causal, {0, S}, 0.7f});
    }
  }
  result.push_back({0, 3, 4, 4});
  result.push_back({3, 0, 4, 4});
  result.push_back({2, 2, 4, 4, {}, {}, -1.5f});
  return result;
}

Tensor random_tensor(const Shape& shape, uint64_t seed) {
  return Tensor::from(shape, testing::numbers(shape.count(), seed));
}

struct Inputs {
  explicit Inputs(const Case& c)
      : q(random_tensor({B, H, c.L, c.D}, 1)),
        k(random_tensor({B, H, c.S, c.D}, 2)),
        v(random_tensor({B, H, c.S, c.Dv}, 3)) {}
  Tensor q, k, v;
};

// Head (b, h) of (B, H, rows, width) numbers.
template <class Number>
Matrix<Number> head(const std::vector<Number>& x, Index b, Index h, Index rows, Index width) {
  const auto begin = x.begin() + (b * H + h) * rows * width;
  return Matrix<Number>(rows, width, std::vector<Number>(begin, begin + rows * width));
}

template <class Number>
struct Exact {
  std::vector<Number> output, weights;
};

template <class Number>
Exact<Number> exact_attention(const std::vector<Number>& q, const std::vector<Number>& k,
                              const std::vector<Number>& v, const Case& c) {
  Exact<Number> result;
  const double scale = c.scale ? static_cast<double>(*c.scale) : reference::default_scale(c.D);
  for (Index b = 0; b < B; ++b) {
    for (Index h = 0; h < H; ++h) {
      const auto [output, weights] =
          reference::attention(head(q, b, h, c.L, c.D), head(k, b, h, c.S, c.D),
                               head(v, b, h, c.S, c.Dv), scale, c.mask(b));
      result.output.insert(result.output.end(), output.values().begin(), output.values().end());
      result.weights.insert(result.weights.end(), weights.values().begin(), weights.values().end());
    }
  }
  return result;
}

// A score is a sum of D products, |score| <= 10 here, so e^score is off by about (D + 10)
// roundings; the softmax and the sum over values add about S / width + 20 more.
double roundings(const Case& c) { return 30.0 + static_cast<double>(10 * c.D + c.S / simd::width); }

TEST(AttentionTest, AgreesWithTheReference) {
  for (const Case& c : cases()) {
    const Inputs in(c);
    const Attention actual = attention(in.q, in.k, in.v, c.options());
    const auto expected =
        exact_attention(testing::widened(in.q.values()), testing::widened(in.k.values()),
                        testing::widened(in.v.values()), c);
    const std::string what = in.q.shape().to_string() + " at " + in.k.shape().to_string();
    testing::expect_close(actual.weights.values(), expected.weights, roundings(c), what);
    testing::expect_close(actual.output.values(), expected.output, roundings(c), what);
    const Attention tiled = attention(in.q, in.k, in.v, c.tiled());
    EXPECT_FALSE(tiled.weights.defined());
    testing::expect_close(tiled.output.values(), expected.output, roundings(c), what + ", tiled");
  }
}

// Both forms: with weights and without.
TEST(AttentionTest, GradientsAgreeWithDualNumbers) {
  for (const Case& c : cases()) {
    if (c.S > 40) continue;
    const Inputs in(c);
    const Tensor dout = random_tensor({B, H, c.L, c.Dv}, 4);
    auto point = testing::widened(in.q.values());
    for (const Tensor& x : {in.k, in.v}) {
      for (const float value : x.values()) point.push_back(static_cast<double>(value));
    }
    const auto weights = testing::widened(dout.values());
    const auto gradients = testing::gradient(point, [&](const std::vector<Dual>& all) {
      const auto k_at = all.begin() + in.q.count(), v_at = k_at + in.k.count();
      const auto exact =
          exact_attention<Dual>({all.begin(), k_at}, {k_at, v_at}, {v_at, all.end()}, c);
      return testing::weighted_sum(exact.output, weights);
    });

    for (const AttentionOptions& options : {c.options(), c.tiled()}) {
      const Attention forward = attention(in.q, in.k, in.v, options);
      Attention arrived;
      arrived.output = dout;
      const AttentionGradients result =
          attention_backward(in.q, in.k, in.v, options, forward, arrived);
      // Of the largest gradient of all three: that of a score is the difference of two sums over
      // the values, which leave their rounding where they cancel, as with a single key.
      double largest = 1e-3;
      for (const double gradient : gradients) largest = std::max(largest, std::abs(gradient));
      auto at = gradients.begin();
      const Tensor actual[] = {result.q, result.k, result.v};
      for (int i = 0; i < 3; ++i) {
        const std::vector<double> expected(at, at + actual[i].count());
        testing::expect_within(
            actual[i].values(), expected, [&](size_t) { return 1e-5 * largest; },
            std::string("d") + "qkv"[i]);
        at += actual[i].count();
      }
    }
  }
}

// The same numbers in every way that operands may lie.
TEST(AttentionTest, LayoutsGiveTheSame) {
  const Case c{5, 7, simd::width + 1, 3, Origin::bottom_right, {7, 4}};
  const Inputs in(c);
  const Attention expected = attention(in.q, in.k, in.v, c.options());
  const auto turned = [](const Tensor& x) {
    const Index rows = x.size(2), width = x.size(3);
    Tensor y = Tensor::empty({B, rows, H, width});
    for (Index i = 0; i < x.count(); ++i) {
      const Index d = i % width, l = i / width % rows, h = i / width / rows % H,
                  b = i / width / rows / H;
      y.data()[((b * rows + l) * H + h) * width + d] = x.data()[i];
    }
    return y;
  };
  const Tensor q = turned(in.q), k = turned(in.k), v = turned(in.v);
  AttentionOptions blhd = c.options();
  blhd.layout = Layout::blhd;
  const Attention second = attention(q, k, v, blhd);
  testing::expect_same(second.weights.values(), expected.weights.values());
  testing::expect_same(second.output.values(), turned(expected.output).values());

  AttentionOptions split = c.options();
  split.heads = H;
  const auto joined = [](const Tensor& x) {
    return x.reshape({x.size(0), x.size(1), x.size(2) * x.size(3)});
  };
  const Attention third = attention(joined(q), joined(k), joined(v), split);
  EXPECT_EQ(third.output.shape(), (Shape{B, c.L, H * c.Dv}));
  testing::expect_same(third.weights.values(), expected.weights.values());
  testing::expect_same(third.output.values(), second.output.values());
}

TEST(AttentionTest, RowsSumToOneOrAreEmpty) {
  for (const Case& c : cases()) {
    const Inputs in(c);
    const Attention result = attention(in.q, in.k, in.v, c.options());
    for (Index row = 0; row < B * H * c.L; ++row) {
      const float* weights = result.weights.data() + row * c.S;
      const float sum = std::accumulate(weights, weights + c.S, 0.0f);
      const Index l = row % c.L, b = row / c.L / H;
      bool sees = false;
      for (Index s = 0; s < c.S; ++s) sees = sees || c.mask(b)(l, s);
      // S terms, each off by its share of the sum's rounding
      EXPECT_NEAR(sum, sees ? 1.0f : 0.0f, 1e-6f) << "row " << row;
    }
  }
}

TEST(AttentionTest, CausalOutputIgnoresLaterKeys) {
  const Case c{6, 6, 5, 4, Origin::top_left};
  const Inputs in(c);
  const Attention before = attention(in.q, in.k, in.v, c.options());
  Tensor k = in.k.clone(), v = in.v.clone();
  for (Index head = 0; head < B * H; ++head) {
    std::fill_n(k.data() + (head * c.S + 4) * c.D, 2 * c.D, 1e10f);
    std::fill_n(v.data() + (head * c.S + 4) * c.Dv, 2 * c.Dv, 1e10f);
  }
  const Attention after = attention(in.q, k, v, c.options());
  for (Index head = 0; head < B * H; ++head) {
    const auto part = [&](const Tensor& x) {
      return x.values().subspan(static_cast<size_t>(head * c.L * c.Dv), 4 * c.Dv);
    };
    testing::expect_same(part(after.output), part(before.output));
  }
}

// Padding may hold anything, NaN too.
TEST(AttentionTest, PaddedKeysAreNotRead) {
  const Case c{3, 6, 5, 4, {}, {4, 2}};
  const Inputs in(c);
  const Attention before = attention(in.q, in.k, in.v, c.options());
  Tensor k = in.k.clone(), v = in.v.clone();
  for (Index b = 0; b < B; ++b) {
    const Index length = c.key_lengths[static_cast<size_t>(b)], padding = c.S - length;
    for (Index h = 0; h < H; ++h) {
      const float nan = std::numeric_limits<float>::quiet_NaN();
      std::fill_n(k.data() + ((b * H + h) * c.S + length) * c.D, padding * c.D, nan);
      std::fill_n(v.data() + ((b * H + h) * c.S + length) * c.Dv, padding * c.Dv, nan);
    }
  }
  const Attention after = attention(in.q, k, v, c.options());
  testing::expect_same(after.output.values(), before.output.values());
  testing::expect_same(after.weights.values(), before.weights.values());
}

// Keys that change places with their values change nothing but the order of the sums.
TEST(AttentionTest, PermutedKeysChangeNothing) {
  const Case c{4, 9, 5, 4};
  const Inputs in(c);
  const auto reversed = [](const Tensor& x) {
    Tensor y = Tensor::empty(x.shape());
    const Index rows = x.size(2), width = x.size(3);
    for (Index i = 0; i < x.count(); ++i) {
      const Index l = i / width % rows;
      y.data()[i + (rows - 1 - 2 * l) * width] = x.data()[i];
    }
    return y;
  };
  const Attention plain = attention(in.q, in.k, in.v);
  const Attention turned = attention(in.q, reversed(in.k), reversed(in.v));
  testing::expect_close(turned.output.values(), testing::widened(plain.output.values()), 30);
}

TEST(AttentionTest, ThreadsChangeNothing) {
  const Shape shape{3, 8, 33, 17};
  const Tensor q = random_tensor(shape, 1), k = random_tensor(shape, 2),
               v = random_tensor(shape, 3);
  Attention single;
  AttentionOptions causal;
  causal.causal = true;
  for (const int threads : {1, 2, 3}) {
    set_thread_count(threads);
    const Attention result = attention(q, k, v, causal);
    if (threads == 1) single = result;
    testing::expect_same(result.output.values(), single.output.values());
  }
  set_thread_count(1);
}

TEST(AttentionTest, WhatDoesNotFitIsNamedWithBothShapes) {
  const auto zeros = [](const Shape& shape) { return Tensor::zeros(shape); };
  const Tensor q = zeros({2, 3, 6, 7});
  try {
    attention(q, zeros({2, 3, 6, 9}), q);
    FAIL() << "no error";
  } catch (const ShapeError& error) {
    EXPECT_STREQ(error.what(), "attention: keys are (2, 3, 6, 9), expected (2, 3, 6, 7)");
  }
  EXPECT_THROW(attention(q, q, zeros({2, 3, 5, 7})), ShapeError);
  EXPECT_THROW(attention(q, q, zeros({3, 6, 7})), ShapeError);
  for (const std::vector<Index>& lengths : {std::vector<Index>{1}, {1, 7}, {1, -1}}) {
    AttentionOptions options;
    options.key_lengths = lengths;
    EXPECT_THROW(attention(q, q, q, options), ValueError);
  }
}

}  // namespace
}  // namespace regard::attention
