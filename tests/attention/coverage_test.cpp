// SPDX-License-Identifier: MIT
#include "attention/coverage.h"

#include <cmath>

#include "reference/coverage.h"
#include "support/gradient.h"
#include "support/numbers.h"
#include "tensor/parallel.h"
#include "thrown.h"

namespace regard::attention {
namespace {

using reference::Dual;
using reference::Matrix;
using reference::Vector;

constexpr float nan = std::numeric_limits<float>::quiet_NaN();
constexpr float infinity = std::numeric_limits<float>::infinity();

Tensor random_tensor(const Shape& shape, uint64_t seed) {
  return Tensor::from(shape, testing::numbers(shape.count(), seed));
}

constexpr Index B = 2;

struct Case {
  Index L = 4, S = 5, D = 3, Dk = 4, Dv = 2, M = 6;
  bool lengths = false;  // 5 (or S) and 3 of the keys are there
  Index mask_axes = 0;   // 2: (B, S), 3: (B, L, S)
  bool given = true;     // with a bias, and coverage before the first query

  Tensor q() const { return random_tensor({B, L, D}, 1); }
  Tensor k() const { return random_tensor({B, S, Dk}, 2); }
  Tensor v() const { return random_tensor({B, S, Dv}, 3); }
  CoverageParameters parameters() const {
    return {random_tensor({M, D}, 4), random_tensor({M, Dk}, 5), random_tensor({M}, 6),
            random_tensor({M}, 7), given ? random_tensor({M}, 8) : Tensor()};
  }
  CoverageOptions options() const {
    CoverageOptions result;
    if (lengths) result.key_lengths = {S, std::min<Index>(S, 3)};
    if (mask_axes) {
      result.mask = mask_axes == 2 ? Tensor::full({B, S}, 1) : Tensor::full({B, L, S}, 1);
      Random random(9);
      for (float& value : result.mask.values()) value = random.uniform() < 0.6 ? 1.0f : 0.0f;
    }
    if (given) {
      result.initial = random_tensor({B, S}, 10);
      for (float& value : result.initial.values()) value = std::abs(value);
    }
    return result;
  }

  bool sees(Index b, Index t, Index s) const {
    const CoverageOptions told = options();
    if (lengths && s >= told.key_lengths[static_cast<size_t>(b)]) return false;
    if (!mask_axes) return true;
    return told.mask.data()[(mask_axes == 2 ? b : b * L + t) * S + s] != 0;
  }

  CoverageAttention run() const {
    return coverage_attention(q(), k(), v(), parameters(), options());
  }
};

std::vector<Case> cases() {
  std::vector<Case> result{{},
                           {.given = false},
                           {.lengths = true},
                           {.mask_axes = 2},
                           {.lengths = true, .mask_axes = 3},
                           {.L = 1, .S = 1}};
  for (const Index size : {simd::width - 1, simd::width, 2 * simd::width + 1}) {
    result.push_back({.L = 2, .Dv = size, .M = size});
    result.push_back({.L = 2, .S = size, .lengths = true});
  }
  return result;
}

// All that gradients are asked of, in one order.
std::vector<Tensor> listed(const Tensor& q, const Tensor& k, const Tensor& v,
                           const CoverageParameters& p, const Tensor& initial) {
  std::vector<Tensor> result;
  for (const Tensor& x : {q, k, v, p.query, p.key, p.coverage, p.vector, p.bias, initial}) {
    if (x.defined()) result.push_back(x);
  }
  return result;
}
std::vector<Tensor> operands(const Case& c) {
  return listed(c.q(), c.k(), c.v(), c.parameters(), c.options().initial);
}
std::vector<Tensor> listed(const CoverageGradients& g) {
  return listed(g.q, g.k, g.v, g.parameters, g.initial);
}

template <class Number>
Matrix<Number> rows_of(const Vector<Number>& x, Index first, Index rows, Index width) {
  const auto begin = x.begin() + first * width;
  return Matrix<Number>(rows, width, Vector<Number>(begin, begin + rows * width));
}

// Output, weights, coverage and loss, flat, of the flat operands.
template <class Number>
std::vector<Vector<Number>> exact(const Case& c, const std::vector<Vector<Number>>& in) {
  const reference::CoverageParameters<Number> parameters{
      rows_of(in[3], 0, c.M, c.D), rows_of(in[4], 0, c.M, c.Dk), in[5], in[6],
      c.given ? in[7] : Vector<Number>(static_cast<size_t>(c.M), Number(0.0))};
  std::vector<Vector<Number>> result(4);
  for (Index b = 0; b < B; ++b) {
    const auto initial = c.given ? rows_of(in[8], b, 1, c.S).values()
                                 : Vector<Number>(static_cast<size_t>(c.S), Number(0.0));
    const auto one = reference::coverage_attention(
        rows_of(in[0], b * c.L, c.L, c.D), rows_of(in[1], b * c.S, c.S, c.Dk),
        rows_of(in[2], b * c.S, c.S, c.Dv), parameters, initial,
        [&](Index t, Index s) { return c.sees(b, t, s); });
    const auto append = [](Vector<Number>& to, const Vector<Number>& from) {
      to.insert(to.end(), from.begin(), from.end());
    };
    append(result[0], one.output.values());
    append(result[1], one.weights.values());
    append(result[2], one.coverage.values());
    append(result[3], one.loss);
  }
  return result;
}

// Weights are a softmax of sums of up to 33 terms below 4, each rounded at 2^-24: 1e-5 in a score
// if all errors had one sign; what follows are sums of up to 5 of them.
TEST(CoverageTest, EqualsItsFormula) {
  for (const Case& c : cases()) {
    std::vector<Vector<double>> in;
    for (const Tensor& x : operands(c)) in.push_back(testing::widened(x.values()));
    const auto expected = exact(c, in);
    const CoverageAttention actual = c.run();
    EXPECT_EQ(actual.output.shape(), (Shape{B, c.L, c.Dv}));
    EXPECT_EQ(actual.weights.shape(), (Shape{B, c.L, c.S}));
    EXPECT_EQ(actual.coverage.shape(), (Shape{B, c.L + 1, c.S}));
    EXPECT_EQ(actual.loss.shape(), (Shape{B, c.L}));
    const Tensor members[] = {actual.output, actual.weights, actual.coverage, actual.loss};
    for (size_t i = 0; i < 4; ++i) {
      testing::expect_within(
          members[i].values(), expected[i], [](size_t) { return 1e-5; },
          "member " + std::to_string(i));
    }
  }
}

TEST(CoverageTest, GradientsEqualThoseOfDualNumbers) {
  for (const Case& c : cases()) {
    const std::vector<Tensor> inputs = operands(c);
    std::vector<double> point;
    for (const Tensor& x : inputs) {
      const auto values = testing::widened(x.values());
      point.insert(point.end(), values.begin(), values.end());
    }
    const CoverageAttention forward = c.run();
    const CoverageAttention arriving{
        random_tensor(forward.output.shape(), 20), random_tensor(forward.weights.shape(), 21),
        random_tensor(forward.coverage.shape(), 22), random_tensor(forward.loss.shape(), 23)};
    const auto expected = testing::gradient(point, [&](const Vector<Dual>& all) {
      std::vector<Vector<Dual>> in;
      auto at = all.begin();
      for (const Tensor& x : inputs) {
        in.emplace_back(at, at + x.count());
        at += x.count();
      }
      const auto members = exact(c, in);
      return testing::weighted_sum(members[0], testing::widened(arriving.output.values())) +
             testing::weighted_sum(members[1], testing::widened(arriving.weights.values())) +
             testing::weighted_sum(members[2], testing::widened(arriving.coverage.values())) +
             testing::weighted_sum(members[3], testing::widened(arriving.loss.values()));
    });

    const auto actual = listed(coverage_attention_backward(c.q(), c.k(), c.v(), c.parameters(),
                                                           c.options(), forward, arriving));
    ASSERT_EQ(actual.size(), inputs.size());
    auto at = expected.begin();
    for (size_t i = 0; i < inputs.size(); ++i) {
      ASSERT_EQ(actual[i].shape(), inputs[i].shape()) << "operand " << i;
      const std::vector<double> part(at, at + inputs[i].count());
      testing::expect_gradient(actual[i].values(), part, "operand " + std::to_string(i));
      at += inputs[i].count();
    }
  }
}

// What arrives at one member alone: the others' gradients need not be there.
TEST(CoverageTest, MembersThatNothingDependsOnMayBeLeftOut) {
  const Case c;
  const CoverageAttention forward = c.run();
  const CoverageAttention zeros{
      Tensor::zeros(forward.output.shape()), Tensor::zeros(forward.weights.shape()),
      Tensor::zeros(forward.coverage.shape()), Tensor::full(forward.loss.shape(), 1)};
  const auto backward = [&](const CoverageAttention& gradients) {
    return listed(coverage_attention_backward(c.q(), c.k(), c.v(), c.parameters(), c.options(),
                                              forward, gradients));
  };
  const auto with = backward(zeros), without = backward({{}, {}, {}, zeros.loss});
  for (size_t i = 0; i < with.size(); ++i) {
    testing::expect_same(without[i].values(), with[i].values());
  }
}

TEST(CoverageTest, OneByOneGivesTheBitsOfAllAtOnce) {
  for (const Case& c : {Case{}, Case{.lengths = true, .mask_axes = 2}}) {
    const CoverageAttention all = c.run();
    const Tensor q = c.q();
    CoverageOptions options = c.options();
    for (Index t = 0; t < c.L; ++t) {
      Tensor query = Tensor::empty({B, 1, c.D});
      for (Index b = 0; b < B; ++b) {
        std::copy_n(q.data() + (b * c.L + t) * c.D, c.D, query.data() + b * c.D);
      }
      const auto one = coverage_attention(query, c.k(), c.v(), c.parameters(), options);
      options.initial = Tensor::empty({B, c.S});
      for (Index b = 0; b < B; ++b) {
        const auto row = [](const Tensor& x, Index i) {
          return x.values().subspan(static_cast<size_t>(i * x.size(-1)),
                                    static_cast<size_t>(x.size(-1)));
        };
        testing::expect_same(row(one.output, b), row(all.output, b * c.L + t));
        testing::expect_same(row(one.weights, b), row(all.weights, b * c.L + t));
        testing::expect_same(row(one.coverage, 2 * b + 1),
                             row(all.coverage, b * (c.L + 1) + t + 1));
        EXPECT_EQ(one.loss.data()[b], all.loss.data()[b * c.L + t]);
        std::copy_n(one.coverage.data() + (2 * b + 1) * c.S, c.S, options.initial.data() + b * c.S);
      }
    }
  }
}

TEST(CoverageTest, EveryNumberOfThreadsGivesTheSameBits) {
  const Case c{.L = 6, .S = 20, .M = 40};
  const CoverageAttention once = c.run();
  const auto backward = [&] {
    return listed(coverage_attention_backward(c.q(), c.k(), c.v(), c.parameters(), c.options(),
                                              once, {once.output, {}, {}, once.loss}));
  };
  const auto gradients = backward();
  set_thread_count(3);
  testing::expect_same(c.run().output.values(), once.output.values());
  const auto others = backward();
  set_thread_count(1);
  for (size_t i = 0; i < gradients.size(); ++i) {
    testing::expect_same(others[i].values(), gradients[i].values());
  }
}

// The first query finds nothing covered and so pays nothing; looking at one key again costs its
// weight, here 1.
TEST(CoverageTest, LookingAtTheOnlyKeyAgainCostsItsWeight) {
  const Case c{.L = 3, .S = 1, .given = false};
  const CoverageAttention result = c.run();
  for (Index b = 0; b < B; ++b) {
    for (Index t = 0; t < 3; ++t) {
      EXPECT_EQ(result.loss.data()[b * 3 + t], t == 0 ? 0.0f : 1.0f);
      EXPECT_EQ(result.coverage.data()[b * 4 + t], static_cast<float>(t));
    }
    EXPECT_EQ(result.coverage.data()[b * 4 + 3], 3.0f);
  }
}

// Keys and values of batch 1 from 3 on are padding: infinities and NaN in them change nothing.
TEST(CoverageTest, WhatIsHiddenStaysHidden) {
  const Case c{.lengths = true};
  const CoverageAttention clean = c.run();
  Tensor k = c.k(), v = c.v();
  for (Index i = (c.S + 3) * c.Dk; i < k.count(); ++i) k.data()[i] = i % 2 ? nan : infinity;
  for (Index i = (c.S + 3) * c.Dv; i < v.count(); ++i) v.data()[i] = i % 2 ? -infinity : nan;
  const auto result = coverage_attention(c.q(), k, v, c.parameters(), c.options());
  testing::expect_same(result.output.values(), clean.output.values());
  testing::expect_same(result.weights.values(), clean.weights.values());
  testing::expect_same(result.coverage.values(), clean.coverage.values());
  testing::expect_same(result.loss.values(), clean.loss.values());

  CoverageAttention arriving{
      random_tensor(clean.output.shape(), 20), {}, {}, random_tensor(clean.loss.shape(), 23)};
  const auto expected = listed(coverage_attention_backward(c.q(), c.k(), c.v(), c.parameters(),
                                                           c.options(), clean, arriving));
  const auto gradients = listed(
      coverage_attention_backward(c.q(), k, v, c.parameters(), c.options(), result, arriving));
  for (size_t i = 0; i < gradients.size(); ++i) {
    testing::expect_same(gradients[i].values(), expected[i].values());
  }
}

// Where a hidden key is not covered, weight and coverage are both 0; their minimum stays that,
// whatever the coverage, so nothing of the loss arrives there.
TEST(CoverageTest, TheLossDoesNotReachTheCoverageOfAHiddenKey) {
  const Case c;
  const CoverageOptions options{.key_lengths = {c.S, 3}, .initial = Tensor::zeros({B, c.S})};
  const auto forward = coverage_attention(c.q(), c.k(), c.v(), c.parameters(), options);
  const auto gradients =
      coverage_attention_backward(c.q(), c.k(), c.v(), c.parameters(), options, forward,
                                  {{}, {}, {}, Tensor::full(forward.loss.shape(), 1)});
  for (Index s = 3; s < c.S; ++s) EXPECT_EQ(gradients.initial.data()[c.S + s], 0) << s;
  EXPECT_NE(gradients.initial.data()[c.S], 0);
}

TEST(CoverageTest, AQueryThatSeesNothingGivesZerosAndCoversNothing) {
  Case c{.lengths = true, .given = false};
  CoverageOptions options{.key_lengths = {0, c.S}};
  const auto result = coverage_attention(c.q(), c.k(), c.v(), c.parameters(), options);
  for (Index i = 0; i < c.L * c.Dv; ++i) EXPECT_EQ(result.output.data()[i], 0);
  for (Index i = 0; i < (c.L + 1) * c.S; ++i) EXPECT_EQ(result.coverage.data()[i], 0);
  for (Index i = 0; i < c.L; ++i) EXPECT_EQ(result.loss.data()[i], 0);
}

TEST(CoverageTest, NothingStaysNothing) {
  for (const Case& c : {Case{.L = 0}, Case{.S = 0}}) {
    const CoverageAttention result = c.run();
    const CoverageAttention ones{
        Tensor::full(result.output.shape(), 1), {}, Tensor::full(result.coverage.shape(), 1), {}};
    const auto gradients =
        coverage_attention_backward(c.q(), c.k(), c.v(), c.parameters(), c.options(), result, ones);
    for (const float value : gradients.parameters.query.values()) EXPECT_EQ(value, 0);
    // without a query the coverage stays what it was
    for (const float value : gradients.initial.values()) EXPECT_EQ(value, 1);
  }
}

TEST(CoverageTest, WhatDoesNotFitIsRefused) {
  const Case c;
  const auto of = [](const Shape& shape) { return Tensor::zeros(shape); };
  const auto refused = [&]<class Expected>(Expected*, const Tensor& k, const Tensor& v,
                                           const CoverageParameters& parameters,
                                           const CoverageOptions& options) {
    return thrown<Expected>([&] { coverage_attention(c.q(), k, v, parameters, options); });
  };
  ShapeError* const shape = nullptr;
  ValueError* const value = nullptr;
  EXPECT_EQ(refused(shape, of({3, 5, 4}), c.v(), c.parameters(), {}),
            "coverage_attention: keys are (3, 5, 4), expected (2, 5, 4)");
  EXPECT_EQ(refused(shape, c.k(), of({2, 6, 2}), c.parameters(), {}),
            "coverage_attention: values are (2, 6, 2), expected (2, 5, 2)");
  EXPECT_EQ(refused(shape, of({5, 4}), c.v(), c.parameters(), {}),
            "coverage_attention: queries are (2, 4, 3), keys (5, 4), values (2, 5, 2), expected "
            "(B, L, D), (B, S, Dk) and (B, S, Dv)");
  EXPECT_EQ(refused(shape, c.k(), c.v(), c.parameters(), {.mask = of({4, 5})}),
            "coverage_attention: mask is (4, 5), expected (2, 5)");
  EXPECT_EQ(refused(shape, c.k(), c.v(), c.parameters(), {.mask = of({1, 4, 5})}),
            "coverage_attention: mask is (1, 4, 5), expected (2, 4, 5)");
  EXPECT_EQ(refused(shape, c.k(), c.v(), c.parameters(), {.initial = of({2, 4})}),
            "coverage_attention: initial coverage is (2, 4), expected (2, 5)");
  EXPECT_EQ(refused(value, c.k(), c.v(), c.parameters(), {.mask = Tensor::full({2, 5}, -1)}),
            "coverage_attention: mask holds -1, expected 0 and 1");
  EXPECT_EQ(
      refused(value, c.k(), c.v(), c.parameters(), {.key_lengths = {5}}),
      "coverage_attention: key_lengths has 1 entries, expected one for each of the 2 batches");
  EXPECT_EQ(refused(value, c.k(), c.v(), c.parameters(), {.key_lengths = {6, 5}}),
            "coverage_attention: a key length is 6, expected 0 to 5");
  CoverageParameters parameters = c.parameters();
  parameters.coverage = {};
  EXPECT_EQ(refused(value, c.k(), c.v(), parameters, {}),
            "coverage_attention: parameters.coverage is missing");
  parameters.coverage = of({7});
  EXPECT_EQ(refused(shape, c.k(), c.v(), parameters, {}),
            "coverage_attention: parameters.coverage is (7), expected (6)");
}

}  // namespace
}  // namespace regard::attention
