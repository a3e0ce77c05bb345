// SPDX-License-Identifier: MIT
// Long, because seven scores go through the same properties, gradients and refusals.
#include "attention/scores.h"

#include <cmath>

#include "reference/scores.h"
#include "support/gradient.h"
#include "support/numbers.h"
#include "tensor/arena.h"
#include "tensor/parallel.h"
#include "thrown.h"

namespace regard::attention {
namespace {

using reference::Dual;
using reference::Matrix;
using reference::Vector;

constexpr float nan = std::numeric_limits<float>::quiet_NaN();
constexpr float infinity = std::numeric_limits<float>::infinity();

constexpr Score every_score[] = {Score::scaled_dot, Score::dot,    Score::general, Score::concat,
                                 Score::additive,   Score::cosine, Score::location};

bool is_product(Score score) {
  return score == Score::scaled_dot || score == Score::dot || score == Score::cosine;
}

Tensor random_tensor(const Shape& shape, uint64_t seed) {
  return Tensor::from(shape, testing::numbers(shape.count(), seed));
}

// Four heads of queries on two of keys, in two batches.
constexpr Index B = 2, H = 4, Hkv = 2;

struct Case {
  Score score;
  Index L = 3, S = 5, D = 4, Dk = 4, M = 6;
  bool projected = true;  // additive scores may do without W and U

  float scale() const { return 1.25f * default_scale(score, D); }

  Tensor q() const { return random_tensor({B, H, L, D}, 1); }
  Tensor k() const { return random_tensor({B, Hkv, S, Dk}, 2); }
  ScoreParameters parameters() const {
    const Tensor v = random_tensor({M}, 5);
    switch (score) {
      case Score::general:
        return {.query = random_tensor({D, Dk}, 3)};
      case Score::concat:
        return {.query = random_tensor({M, D + Dk}, 3), .vector = v};
      case Score::additive:
        if (!projected) return {.vector = v};
        return {.query = random_tensor({M, D}, 3), .key = random_tensor({M, Dk}, 4), .vector = v};
      case Score::location:
        return {.query = random_tensor({S + 2, D}, 3)};
      default:
        return {};
    }
  }
};

// All that gradients are asked of, in one order.
std::vector<Tensor> operands(const Case& c) {
  const ScoreParameters parameters = c.parameters();
  std::vector<Tensor> result{c.q(), c.k()};
  for (const Tensor& x : {parameters.query, parameters.key, parameters.vector}) {
    if (x.defined()) result.push_back(x);
  }
  return result;
}

template <class Number>
Matrix<Number> rows_of(const Vector<Number>& x, Index first, Index rows, Index width) {
  const auto begin = x.begin() + first * width;
  return Matrix<Number>(rows, width, Vector<Number>(begin, begin + rows * width));
}

template <class Number>
Matrix<Number> head_scores(const Case& c, const Matrix<Number>& q, const Matrix<Number>& k,
                           const std::vector<Vector<Number>>& in) {
  switch (c.score) {
    case Score::scaled_dot:  // the scale is ours
    case Score::dot:
      return reference::dot_scores(q, k);
    case Score::general:
      return reference::general_scores(q, k, rows_of(in[2], 0, c.D, c.Dk));
    case Score::concat:
      return reference::concat_scores(q, k, rows_of(in[2], 0, c.M, c.D + c.Dk), in[3]);
    case Score::additive:
      if (!c.projected) return reference::tanh_scores(q, k, in[2]);
      return reference::additive_scores(q, k, rows_of(in[2], 0, c.M, c.D),
                                        rows_of(in[3], 0, c.M, c.Dk), in[4]);
    case Score::cosine:
      return reference::cosine_scores(q, k);
    case Score::location:
      return reference::location_scores(q, c.S, rows_of(in[2], 0, c.S + 2, c.D));
  }
  return {};
}

// (B, H, L, S), flat, of the flat operands.
template <class Number>
Vector<Number> exact(const Case& c, const std::vector<Vector<Number>>& in) {
  Vector<Number> result;
  for (Index b = 0; b < B; ++b) {
    for (Index h = 0; h < H; ++h) {
      const auto q = rows_of(in[0], (b * H + h) * c.L, c.L, c.D);
      const auto k = rows_of(in[1], (b * Hkv + h / (H / Hkv)) * c.S, c.S, c.Dk);
      const Matrix<Number> scores = head_scores(c, q, k, in);
      for (const Number& score : scores.values()) result.push_back(score * double{c.scale()});
    }
  }
  return result;
}

std::string describe(const Case& c) {
  return "score " + std::to_string(static_cast<int>(c.score)) + ", L " + std::to_string(c.L) +
         ", S " + std::to_string(c.S) + ", D " + std::to_string(c.D) + ", Dk " +
         std::to_string(c.Dk) + ", M " + std::to_string(c.M);
}

Tensor scores_of(const Case& c) { return scores(c.q(), c.k(), c.score, c.parameters(), c.scale()); }

// Each element is a sum of up to D Dk or M terms of products and one tanh: within 128 roundings of
// the largest score in its tensor if all errors had one sign and the terms were of its size.
void expect_values(const Case& c) {
  std::vector<Vector<double>> in;
  for (const Tensor& x : operands(c)) in.push_back(testing::widened(x.values()));
  const Tensor actual = scores_of(c);
  ASSERT_EQ(actual.shape(), (Shape{B, H, c.L, c.S})) << describe(c);
  testing::expect_close(actual.values(), exact(c, in), 128, describe(c));
}

TEST(ScoresTest, EqualTheirFormulas) {
  const Index w = simd::width;
  for (const Score score : every_score) {
    for (const Index size : {Index{1}, w - 1, w, w + 1, 2 * w + 1}) {
      expect_values({.score = score, .L = 2, .S = size, .D = 3, .Dk = 3});
      expect_values({.score = score, .L = 2, .D = size, .Dk = size, .M = w + 3});
      expect_values({.score = score, .L = size, .S = 2, .D = 3, .Dk = 3, .M = size});
      if (!is_product(score)) expect_values({.score = score, .D = size + 1, .Dk = size});
      if (!is_product(score)) expect_values({.score = score, .D = size, .Dk = size + 1});
    }
  }
  for (const Index size : {Index{1}, w, 2 * w + 1}) {
    expect_values({Score::additive, 3, 5, size, size, size, false});
  }
}

TEST(ScoresTest, NoQueriesOrNoKeysGiveNoScores) {
  for (const Score score : every_score) {
    EXPECT_EQ(scores_of({.score = score, .L = 0}).shape(), (Shape{B, H, 0, 5}));
    EXPECT_EQ(scores_of({.score = score, .S = 0}).shape(), (Shape{B, H, 3, 0}));
  }
}

TEST(ScoresTest, OnlyScaledDotIsScaledByItself) {
  for (const Score score : every_score) {
    EXPECT_EQ(default_scale(score, 16), score == Score::scaled_dot ? 0.25f : 1.0f);
  }
}

TEST(ScoresTest, TheScoreOfAVectorOfZerosAndAnyOtherIsZeroByCosine) {
  const Tensor zeros = Tensor::zeros({1, 1, 1, 3});
  const Tensor other = Tensor::from({1, 1, 1, 3}, std::vector<float>{1, 2, 3});
  EXPECT_EQ(scores(zeros, other, Score::cosine, {}, 1).data()[0], 0);
  EXPECT_EQ(scores(other, zeros, Score::cosine, {}, 1).data()[0], 0);
  const auto gradients =
      scores_backward(Tensor::full({1, 1, 1, 1}, 1), zeros, other, Score::cosine, {}, 1);
  testing::expect_same(gradients.q.values(), std::vector<float>(3));
  testing::expect_same(gradients.k.values(), std::vector<float>(3));
}

// Squares of the largest and the smallest floats are none any more.
TEST(ScoresTest, CosineDoesNotDependOnLength) {
  for (const float length : {1e-38f, 1.0f, 1e38f}) {
    const Tensor q = Tensor::from({1, 1, 1, 2}, std::vector<float>{length, length});
    const Tensor k = Tensor::from({1, 1, 1, 2}, std::vector<float>{0, length});
    // two roundings of the square root and one of the product
    EXPECT_NEAR(scores(q, k, Score::cosine, {}, 1).data()[0], std::sqrt(0.5), 2e-7);
  }
}

TEST(ScoresTest, AdditiveScoresTakeNoMemoryForEachQueryKeyAndUnit) {
  const Index L = 48, S = 48, M = 256;
  const Tensor q = random_tensor({1, 1, L, 8}, 1), k = random_tensor({1, 1, S, 8}, 2);
  const ScoreParameters parameters{random_tensor({M, 8}, 3), random_tensor({M, 8}, 4),
                                   random_tensor({M}, 5)};
  Arena& arena = Arena::shared();
  arena.trim();
  const size_t before = arena.used();
  {
    const Tensor result = scores(q, k, Score::additive, parameters, 1);
    scores_backward(result, q, k, Score::additive, parameters, 1);
  }
  // what was taken and given back is idle: projections, their gradients, packed weights
  const size_t taken = arena.used() + arena.idle() - before;
  EXPECT_LT(taken, static_cast<size_t>(L * S * M) * sizeof(float) / 4);
}

TEST(ScoresTest, EveryNumberOfThreadsGivesTheSameBits) {
  for (const Score score : every_score) {
    const Case c{.score = score, .L = 40, .S = 33, .M = 40};
    const Tensor once = scores_of(c);
    const auto gradients = scores_backward(once, c.q(), c.k(), score, c.parameters(), 1);
    set_thread_count(3);
    const Tensor again = scores_of(c);
    const auto others = scores_backward(once, c.q(), c.k(), score, c.parameters(), 1);
    set_thread_count(1);
    testing::expect_same(again.values(), once.values(), describe(c));
    testing::expect_same(others.q.values(), gradients.q.values(), describe(c));
    testing::expect_same(others.k.values(), gradients.k.values(), describe(c));
    if (gradients.parameters.vector.defined()) {
      testing::expect_same(others.parameters.vector.values(), gradients.parameters.vector.values());
    }
  }
}

// --- Gradients ---

std::vector<Tensor> gradients_of(const Case& c, const Tensor& dscores) {
  const auto [q, k, parameters] =
      scores_backward(dscores, c.q(), c.k(), c.score, c.parameters(), c.scale());
  std::vector<Tensor> result{q, k};
  for (const Tensor& x : {parameters.query, parameters.key, parameters.vector}) {
    if (x.defined()) result.push_back(x);
  }
  return result;
}

void expect_gradients(const Case& c) {
  const std::vector<Tensor> inputs = operands(c);
  std::vector<double> point;
  for (const Tensor& x : inputs) {
    const auto values = testing::widened(x.values());
    point.insert(point.end(), values.begin(), values.end());
  }
  const Tensor dscores = random_tensor({B, H, c.L, c.S}, 9);
  const auto expected = testing::gradient(point, [&](const Vector<Dual>& all) {
    std::vector<Vector<Dual>> in;
    auto at = all.begin();
    for (const Tensor& x : inputs) {
      in.emplace_back(at, at + x.count());
      at += x.count();
    }
    return testing::weighted_sum(exact(c, in), testing::widened(dscores.values()));
  });

  const std::vector<Tensor> actual = gradients_of(c, dscores);
  ASSERT_EQ(actual.size(), inputs.size()) << describe(c);
  auto at = expected.begin();
  for (size_t i = 0; i < inputs.size(); ++i) {
    ASSERT_EQ(actual[i].shape(), inputs[i].shape()) << describe(c) << ", operand " << i;
    const std::vector<double> part(at, at + inputs[i].count());
    testing::expect_gradient(actual[i].values(), part,
                             describe(c) + ", operand " + std::to_string(i));
    at += inputs[i].count();
  }
}

TEST(ScoresTest, GradientsEqualThoseOfDualNumbers) {
  for (const Score score : every_score) {
    expect_gradients({.score = score});
    expect_gradients({.score = score, .L = 1, .S = 1, .M = 1});
    if (!is_product(score)) {
      expect_gradients({.score = score, .D = 3, .Dk = 5, .M = simd::width + 1});
    }
  }
  expect_gradients({Score::additive, 3, 5, 6, 6, 6, false});
}

TEST(ScoresTest, WithoutQueriesOrKeysGradientsAreZero) {
  for (const Score score : every_score) {
    for (const Case& c : {Case{.score = score, .L = 0}, Case{.score = score, .S = 0}}) {
      for (const Tensor& gradient : gradients_of(c, Tensor::zeros({B, H, c.L, c.S}))) {
        testing::expect_same(gradient.values(),
                             std::vector<float>(static_cast<size_t>(gradient.count())));
      }
    }
  }
}

// --- What is hidden stays hidden ---

// Rows of x (B, heads, rows, width) that begin at `row` in each head.
void spoil(Tensor& x, Index row) {
  const float poison[] = {nan, infinity, -infinity};
  for (Index head = 0; head < x.size(0) * x.size(1); ++head) {
    for (Index i = 0; i < x.size(3); ++i) {
      x.data()[(head * x.size(2) + row) * x.size(3) + i] = poison[(head + i) % 3];
    }
  }
}

TEST(ScoresTest, AKeyTouchesItsOwnColumnAlone) {
  for (const Score score : every_score) {
    const Case c{.score = score};
    const Tensor clean = scores_of(c);
    Tensor k = c.k();
    spoil(k, 2);
    const Tensor spoiled = scores(c.q(), k, score, c.parameters(), c.scale());
    for (Index i = 0; i < clean.count(); ++i) {
      if (i % c.S == 2) continue;
      ASSERT_EQ(spoiled.data()[i], clean.data()[i]) << describe(c) << " at " << i;
    }
  }
}

// Key 2 and query 1 are hidden: their scores arrive with a gradient of 0.
TEST(ScoresTest, AGradientOfZeroKeepsOutWhateverIsThere) {
  for (const Score score : every_score) {
    const Case c{.score = score};
    Tensor dscores = random_tensor({B, H, c.L, c.S}, 9);
    for (Index i = 0; i < dscores.count(); ++i) {
      if (i % c.S == 2 || i / c.S % c.L == 1) dscores.data()[i] = 0;
    }
    const std::vector<Tensor> clean = gradients_of(c, dscores);
    Tensor q = c.q(), k = c.k();
    spoil(q, 1);
    spoil(k, 2);
    const auto [dq, dk, parameters] =
        scores_backward(dscores, q, k, score, c.parameters(), c.scale());
    std::vector<Tensor> spoiled{dq, dk};
    for (const Tensor& x : {parameters.query, parameters.key, parameters.vector}) {
      if (x.defined()) spoiled.push_back(x);
    }
    for (size_t i = 0; i < clean.size(); ++i) {
      // the sums run in another order, but over the same numbers
      testing::expect_close(spoiled[i].values(), testing::widened(clean[i].values()), 64,
                            describe(c) + ", operand " + std::to_string(i));
    }
    for (Index b = 0; b < B * Hkv; ++b) {
      for (Index i = 0; i < c.Dk; ++i) EXPECT_EQ(dk.data()[(b * c.S + 2) * c.Dk + i], 0);
    }
  }
}

// --- What is refused ---

template <class Expected>
std::string refused(Score score, const ScoreParameters& parameters, const Shape& q,
                    const Shape& k) {
  return thrown<Expected>([&] { expect_score(score, parameters, q, k); });
}

TEST(ScoresTest, OperandsThatDoNotFitAreRefused) {
  const auto refused_dot = [](const Shape& q, const Shape& k) {
    return refused<ShapeError>(Score::dot, {}, q, k);
  };
  EXPECT_EQ(refused_dot({2, 3, 5, 7}, {2, 3, 6, 9}),
            "attention: keys are (2, 3, 6, 9), expected (2, 3, 6, 7)");
  EXPECT_EQ(refused_dot({2, 3, 5, 7}, {1, 3, 6, 7}),
            "attention: keys are (1, 3, 6, 7), expected (2, 3, 6, 7)");
  EXPECT_EQ(refused_dot({2, 3, 5, 7}, {2, 2, 6, 7}),
            "attention: keys are (2, 2, 6, 7), their heads do not divide the 3 of the queries");
  EXPECT_EQ(refused_dot({2, 3, 5, 7}, {2, 0, 6, 7}),
            "attention: keys are (2, 0, 6, 7), their heads do not divide the 3 of the queries");
  EXPECT_EQ(refused_dot({5, 7}, {6, 7}),
            "attention: queries are (5, 7) and keys (6, 7), "
            "expected (B, H, L, D) and (B, kv heads, S, Dk)");
}

TEST(ScoresTest, ParametersThatDoNotFitAreRefused) {
  const auto of = [](const Shape& shape) { return Tensor::zeros(shape); };
  const Shape q{2, 3, 5, 7}, k{2, 3, 6, 9};
  EXPECT_EQ(refused<ShapeError>(Score::general, {.query = of({9, 7})}, q, k),
            "attention: score_parameters.query is (9, 7), expected (7, 9)");
  EXPECT_EQ(refused<ShapeError>(Score::concat, {.query = of({4, 7}), .vector = of({4})}, q, k),
            "attention: score_parameters.query is (4, 7), expected (4, 16)");
  EXPECT_EQ(refused<ShapeError>(Score::additive,
                                {.query = of({4, 7}), .key = of({5, 9}), .vector = of({4})}, q, k),
            "attention: score_parameters.key is (5, 9), expected (4, 9)");
  EXPECT_EQ(
      refused<ShapeError>(Score::additive,
                          {.query = of({4, 7}), .key = of({4, 9}), .vector = of({4, 1})}, q, k),
      "attention: score_parameters.vector is (4, 1), expected (4)");
  EXPECT_EQ(refused<ShapeError>(Score::additive, {.query = of({4, 7}), .vector = of({4})}, q, k),
            "attention: keys are 9 wide, expected 4, the size of score_parameters.vector, since "
            "nothing projects them");
  EXPECT_EQ(refused<ShapeError>(Score::location, {.query = of({5, 7})}, q, k),
            "attention: score_parameters.query is (5, 7), expected (6, 7)");
  EXPECT_EQ(refused<ValueError>(Score::general, {}, q, k),
            "attention: the score general needs score_parameters.query");
  EXPECT_EQ(refused<ValueError>(Score::concat, {.query = of({4, 16})}, q, k),
            "attention: the score concat needs score_parameters.vector");
  EXPECT_EQ(refused<ValueError>(Score::general, {.query = of({7, 9}), .key = of({7, 9})}, q, k),
            "attention: the score general does not use score_parameters.key");
  for (const Score score : {Score::scaled_dot, Score::dot, Score::cosine}) {
    EXPECT_THROW(expect_score(score, {.query = of({7, 7})}, q, q), ValueError);
  }
}

TEST(ScoresTest, AGradientOfAnotherShapeIsRefused) {
  const Case c{.score = Score::dot};
  EXPECT_EQ(thrown<ShapeError>([&] { gradients_of(c, Tensor::zeros({B, H, 3, 4})); }),
            "attention: gradient of the scores is (2, 4, 3, 4), expected (2, 4, 3, 5)");
}

}  // namespace
}  // namespace regard::attention
