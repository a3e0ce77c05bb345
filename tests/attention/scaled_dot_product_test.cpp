// SPDX-License-Identifier: MIT
#include "attention/scaled_dot_product.h"

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
  Causal causal = Causal::none;
  std::vector<Index> key_lengths = {};
  std::optional<float> scale = {};

  AttentionOptions options() const { return {causal, scale, key_lengths}; }

  reference::Mask mask(Index b) const {
    reference::Mask keys = reference::all_keys();
    if (!key_lengths.empty()) keys = reference::first_keys(key_lengths[static_cast<size_t>(b)]);
    switch (causal) {
      case Causal::top_left:
        return reference::both(keys, reference::causal_top_left());
      case Causal::bottom_right:
        return reference::both(keys, reference::causal_bottom_right(L, S));
      case Causal::none:
        break;
    }
    return keys;
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
  for (const Causal causal : {Causal::none, Causal::top_left, Causal::bottom_right}) {
    for (const auto& [L, S] : {std::pair<Index, Index>{6, 6}, {3, 7}, {7, 3}, {1, 5}, {5, 1}}) {
      result.push_back({L, S, 4, 3, causal});
      result.push_back({L, S, 4, 3, causal, {S, S / 2}});
      result.push_back({L, S, 4, 3, causal, {0, S}, 0.7f});
    }
  }
  result.push_back({0, 3, 4, 4});
  result.push_back({3, 0, 4, 4});
  result.push_back({2, 2, 4, 4, Causal::none, {}, -1.5f});
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
    const Attention actual = scaled_dot_product_attention(in.q, in.k, in.v, c.options());
    const auto expected =
        exact_attention(testing::widened(in.q.values()), testing::widened(in.k.values()),
                        testing::widened(in.v.values()), c);
    const std::string what = in.q.shape().to_string() + " at " + in.k.shape().to_string();
    testing::expect_close(actual.weights.values(), expected.weights, roundings(c), what);
    testing::expect_close(actual.output.values(), expected.output, roundings(c), what);
  }
}

TEST(AttentionTest, BackwardAddsTheGradients) {
  for (const Case& c : cases()) {
    if (c.S > 40) continue;
    const Inputs in(c);
    const Attention forward = scaled_dot_product_attention(in.q, in.k, in.v, c.options());
    const Tensor dout = random_tensor(forward.output.shape(), 4);
    Tensor dq = random_tensor(in.q.shape(), 5), dk = random_tensor(in.k.shape(), 6),
           dv = random_tensor(in.v.shape(), 7);
    const Tensor before[] = {dq.clone(), dk.clone(), dv.clone()};
    attend_backward(heads_of(dout), heads_of(in.q), heads_of(in.k), heads_of(in.v), forward.weights,
                    {B, H, c.L, c.S, c.D, c.Dv}, c.options(), heads_of(dq), heads_of(dk),
                    heads_of(dv));

    auto point = testing::widened(in.q.values());
    for (const Tensor& x : {in.k, in.v}) {
      for (const float value : x.values()) point.push_back(value);
    }
    const auto weights = testing::widened(dout.values());
    const auto gradients = testing::gradient(point, [&](const std::vector<Dual>& all) {
      const auto k_at = all.begin() + in.q.count(), v_at = k_at + in.k.count();
      const auto exact =
          exact_attention<Dual>({all.begin(), k_at}, {k_at, v_at}, {v_at, all.end()}, c);
      return testing::weighted_sum(exact.output, weights);
    });

    auto at = gradients.begin();
    const Tensor actual[] = {dq, dk, dv};
    for (int i = 0; i < 3; ++i) {
      std::vector<double> expected(at, at + actual[i].count());
      for (size_t j = 0; j < expected.size(); ++j) {
        expected[j] += static_cast<double>(before[i].values()[j]);
      }
      testing::expect_gradient(actual[i].values(), expected, std::string("d") + "qkv"[i]);
      at += actual[i].count();
    }
  }
}

// Heads side by side in projected rows, with room between the rows, are read and written in place.
TEST(AttentionTest, StridedHeadsGiveTheSame) {
  const Case c{5, 7, simd::width + 1, 3, Causal::bottom_right, {7, 4}};
  const Inputs in(c);
  const Attention expected = scaled_dot_product_attention(in.q, in.k, in.v, c.options());

  constexpr Index gap = 3;
  const auto spread = [](const Tensor& x) {
    const Index rows = x.size(2), width = x.size(3), row = H * width + gap;
    std::vector<float> result(static_cast<size_t>(B * rows * row), -77.0f);
    for (Index i = 0; i < x.count(); ++i) {
      const Index d = i % width, l = i / width % rows, h = i / width / rows % H,
                  b = i / width / rows / H;
      result[static_cast<size_t>((b * rows + l) * row + h * width + d)] = x.data()[i];
    }
    return result;
  };
  const auto view = [](const std::vector<float>& x, Index rows, Index width) {
    const Index row = H * width + gap;
    return Heads{x.data(), rows * row, width, row};
  };

  const auto q = spread(in.q), k = spread(in.k), v = spread(in.v);
  auto output = spread(Tensor::zeros(expected.output.shape()));
  Tensor weights = Tensor::empty(expected.weights.shape());
  const Heads place = view(output, c.L, c.Dv);
  attend(view(q, c.L, c.D), view(k, c.S, c.D), view(v, c.S, c.Dv), {B, H, c.L, c.S, c.D, c.Dv},
         c.options(), {output.data(), place.batch, place.head, place.row}, weights);
  testing::expect_same(weights.values(), expected.weights.values());
  testing::expect_same(output, spread(expected.output), "with the gaps untouched");
}

TEST(AttentionTest, RowsSumToOneOrAreEmpty) {
  for (const Case& c : cases()) {
    const Inputs in(c);
    const Attention result = scaled_dot_product_attention(in.q, in.k, in.v, c.options());
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
  const Case c{6, 6, 5, 4, Causal::top_left};
  const Inputs in(c);
  const Attention before = scaled_dot_product_attention(in.q, in.k, in.v, c.options());
  Tensor k = in.k.clone(), v = in.v.clone();
  for (Index head = 0; head < B * H; ++head) {
    std::fill_n(k.data() + (head * c.S + 4) * c.D, 2 * c.D, 1e10f);
    std::fill_n(v.data() + (head * c.S + 4) * c.Dv, 2 * c.Dv, 1e10f);
  }
  const Attention after = scaled_dot_product_attention(in.q, k, v, c.options());
  for (Index head = 0; head < B * H; ++head) {
    const auto part = [&](const Tensor& x) {
      return x.values().subspan(static_cast<size_t>(head * c.L * c.Dv), 4 * c.Dv);
    };
    testing::expect_same(part(after.output), part(before.output));
  }
}

// Padding may hold anything, NaN too.
TEST(AttentionTest, PaddedKeysAreNotRead) {
  const Case c{3, 6, 5, 4, Causal::none, {4, 2}};
  const Inputs in(c);
  const Attention before = scaled_dot_product_attention(in.q, in.k, in.v, c.options());
  Tensor k = in.k.clone(), v = in.v.clone();
  for (Index b = 0; b < B; ++b) {
    const Index length = c.key_lengths[static_cast<size_t>(b)], padding = c.S - length;
    for (Index h = 0; h < H; ++h) {
      const float nan = std::numeric_limits<float>::quiet_NaN();
      std::fill_n(k.data() + ((b * H + h) * c.S + length) * c.D, padding * c.D, nan);
      std::fill_n(v.data() + ((b * H + h) * c.S + length) * c.Dv, padding * c.Dv, nan);
    }
  }
  const Attention after = scaled_dot_product_attention(in.q, k, v, c.options());
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
  const Attention plain = scaled_dot_product_attention(in.q, in.k, in.v);
  const Attention turned = scaled_dot_product_attention(in.q, reversed(in.k), reversed(in.v));
  testing::expect_close(turned.output.values(), testing::widened(plain.output.values()), 30);
}

TEST(AttentionTest, ThreadsChangeNothing) {
  const Shape shape{3, 8, 33, 17};
  const Tensor q = random_tensor(shape, 1), k = random_tensor(shape, 2),
               v = random_tensor(shape, 3);
  Attention single;
  for (const int threads : {1, 2, 3}) {
    set_thread_count(threads);
    const Attention result = scaled_dot_product_attention(q, k, v, {.causal = Causal::top_left});
    if (threads == 1) single = result;
    testing::expect_same(result.output.values(), single.output.values());
  }
  set_thread_count(1);
}

TEST(AttentionTest, WhatDoesNotFitIsNamedWithBothShapes) {
  const auto zeros = [](const Shape& shape) { return Tensor::zeros(shape); };
  const Tensor q = zeros({2, 3, 6, 7});
  try {
    scaled_dot_product_attention(q, zeros({2, 3, 6, 9}), q);
    FAIL() << "no error";
  } catch (const ShapeError& error) {
    EXPECT_STREQ(error.what(), "attention: keys are (2, 3, 6, 9), expected (2, 3, 6, 7)");
  }
  EXPECT_THROW(scaled_dot_product_attention(q, q, zeros({2, 3, 5, 7})), ShapeError);
  EXPECT_THROW(scaled_dot_product_attention(q, q, zeros({3, 6, 7})), ShapeError);
  EXPECT_THROW(scaled_dot_product_attention(q, q, q, {.key_lengths = {1}}), ValueError);
  EXPECT_THROW(scaled_dot_product_attention(q, q, q, {.key_lengths = {1, 7}}), ValueError);
  EXPECT_THROW(scaled_dot_product_attention(q, q, q, {.key_lengths = {1, -1}}), ValueError);
}

}  // namespace
}  // namespace regard::attention
