// SPDX-License-Identifier: MIT
// Long, because five alignments go through the same properties, gradients and refusals.
#include "attention/alignment.h"

#include <cmath>

#include "reference/alignment.h"
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

constexpr Index B = 2, H = 2, D = 3, M = 4;

struct Case {
  Alignment alignment;
  Index L = 5, S = 9;
  AlignmentPlaces places{};
  Index radius = 2;

  AlignmentOptions options() const {
    const bool local = alignment == Alignment::local_m || alignment == Alignment::local_p;
    AlignmentOptions result{.seed = 7, .radius = local ? radius : 0};
    if (alignment == Alignment::local_p) {
      result.position_weight = random_tensor({M, D}, 3);
      result.position_vector = random_tensor({M}, 4);
    }
    return result;
  }

  // About a third of the keys is hidden, and all of row 1 in each head.
  Tensor masked() const {
    Tensor result = random_tensor({B, H, L, S}, 1);
    Random random(11);
    for (Index i = 0; i < result.count(); ++i) {
      if (random.uniform() < 0.3 || i / S % L == 1) result.data()[i] = -infinity;
    }
    return result;
  }
  Tensor q() const { return random_tensor({B, H, L, D}, 2); }
  Tensor weights() const { return align(masked(), q(), alignment, options(), places); }
  AlignmentGradients gradients(const Tensor& dweights) const {
    return align_backward(dweights, weights(), q(), alignment, options(), places);
  }

  Index length(Index b, Index l) const {
    const auto& lengths = places.lengths;
    if (lengths.empty()) return S;
    const auto count = static_cast<Index>(lengths.size());
    return lengths[static_cast<size_t>(count == B ? b : b * L + l)];
  }
};

// Every alignment that has a formula, with and without lengths and places to begin at.
std::vector<Case> cases() {
  std::vector<Case> result;
  for (const Alignment alignment :
       {Alignment::softmax, Alignment::hard, Alignment::local_m, Alignment::local_p}) {
    result.push_back({alignment});
    result.push_back({alignment, 3, 2 * simd::width + 1, {{4, 20}, {}}, 5});
    result.push_back({alignment, 5, 9, {{-3, 7}, {9, 4}}});
    result.push_back({alignment, 3, 9, {{}, {9, 5, 1, 0, 3, 6}}, 1});
    result.push_back({alignment, 4, 6, {}, 100});
  }
  return result;
}

std::string describe(const Case& c) {
  return "alignment " + std::to_string(static_cast<int>(c.alignment)) + ", L " +
         std::to_string(c.L) + ", S " + std::to_string(c.S) + ", radius " +
         std::to_string(c.radius);
}

template <class Number>
Matrix<Number> rows_of(const Vector<Number>& x, Index first, Index rows, Index width) {
  const auto begin = x.begin() + first * width;
  return Matrix<Number>(rows, width, Vector<Number>(begin, begin + rows * width));
}

// Flat weights, of flat scores, queries, W_p and v_p (the last two for local_p alone).
template <class Number>
Vector<Number> exact(const Case& c, const std::vector<Vector<Number>>& in) {
  const Tensor places = places_of(c.q(), c.S, c.alignment, c.options(), c.places);
  Vector<Number> result;
  for (Index row = 0; row < B * H * c.L; ++row) {
    const Index b = row / (H * c.L), l = row % c.L;
    const Vector<Number> scores = rows_of(in[0], row, 1, c.S).values();
    Vector<Number> weights;
    if (c.alignment == Alignment::softmax) weights = reference::softmax(scores);
    if (c.alignment == Alignment::hard) weights = reference::hard(scores);
    if (c.alignment == Alignment::local_m) {
      const Index first = c.places.first.empty() ? 0 : c.places.first[static_cast<size_t>(b)];
      weights = reference::windowed_softmax(scores, static_cast<double>(first + l), c.radius);
    }
    if (c.alignment == Alignment::local_p) {
      const auto place = reference::predicted_places(rows_of(in[1], row, 1, D),
                                                     static_cast<double>(c.length(b, l)),
                                                     rows_of(in[2], 0, M, D), in[3]);
      // which keys lie within the radius is decided by the fp32 number
      weights = reference::gaussian_softmax(scores, place[0], places.data()[row], c.radius);
    }
    result.insert(result.end(), weights.begin(), weights.end());
  }
  return result;
}

std::vector<Tensor> operands(const Case& c) {
  std::vector<Tensor> result{c.masked()};
  if (c.alignment != Alignment::local_p) return result;
  const AlignmentOptions options = c.options();
  result.insert(result.end(), {c.q(), options.position_weight, options.position_vector});
  return result;
}

// A softmax of up to 33 terms, of which a Gaussian takes a share that depends on a place known to
// fp32: 3 roundings of a place of up to 33 move e^(-2 distance^2) by up to 2e-5 where the radius is
// 1, else by less than 1e-5.
TEST(AlignmentTest, EqualTheirFormulas) {
  for (const Case& c : cases()) {
    std::vector<Vector<double>> in;
    for (const Tensor& x : operands(c)) in.push_back(testing::widened(x.values()));
    const Tensor weights = c.weights();
    ASSERT_EQ(weights.shape(), (Shape{B, H, c.L, c.S}));
    const double tolerance = c.alignment == Alignment::local_p ? 1e-5 : 1e-6;
    testing::expect_within(
        weights.values(), exact(c, in), [=](size_t) { return tolerance; }, describe(c));
  }
}

TEST(AlignmentTest, GradientsEqualThoseOfDualNumbers) {
  for (const Case& c : cases()) {
    if (c.alignment == Alignment::hard) continue;
    const std::vector<Tensor> inputs = operands(c);
    std::vector<double> point;
    for (const Tensor& x : inputs) {
      const auto values = testing::widened(x.values());
      point.insert(point.end(), values.begin(), values.end());
    }
    const Tensor dweights = random_tensor({B, H, c.L, c.S}, 9);
    const auto expected = testing::gradient(point, [&](const Vector<Dual>& all) {
      std::vector<Vector<Dual>> in;
      auto at = all.begin();
      for (const Tensor& x : inputs) {
        in.emplace_back(at, at + x.count());
        at += x.count();
      }
      return testing::weighted_sum(exact(c, in), testing::widened(dweights.values()));
    });

    const AlignmentGradients actual = c.gradients(dweights);
    std::vector<Tensor> gradients{actual.masked};
    if (c.alignment == Alignment::local_p) {
      gradients.insert(gradients.end(), {actual.q, actual.position_weight, actual.position_vector});
    } else {
      EXPECT_FALSE(actual.q.defined() || actual.position_weight.defined() ||
                   actual.position_vector.defined());
    }
    auto at = expected.begin();
    for (size_t i = 0; i < inputs.size(); ++i) {
      const std::vector<double> part(at, at + inputs[i].count());
      testing::expect_gradient(gradients[i].values(), part,
                               describe(c) + ", operand " + std::to_string(i));
      at += inputs[i].count();
    }
  }
}

TEST(AlignmentTest, WhatAllAgreeOn) {
  for (Case c : cases()) {
    for (const Alignment alignment : {c.alignment, Alignment::hard_sampled}) {
      c.alignment = alignment;
      const Tensor masked = c.masked(), weights = c.weights();
      for (Index row = 0; row < B * H * c.L; ++row) {
        double sum = 0;
        for (Index s = 0; s < c.S; ++s) {
          const float weight = weights.data()[row * c.S + s];
          EXPECT_GE(weight, 0);
          if (masked.data()[row * c.S + s] == -infinity) EXPECT_EQ(weight, 0);
          sum += weight;
        }
        // 33 roundings; a row without a visible key within the radius is 0
        if (alignment != Alignment::local_p && sum != 0) EXPECT_NEAR(sum, 1, 2e-6);
        if (row % c.L == 1) EXPECT_EQ(sum, 0) << "a row without a visible key";
        EXPECT_LE(sum, 1 + 2e-6);
      }
    }
  }
}

// --- Each for itself ---

Tensor row_of(const std::vector<float>& numbers) {
  return Tensor::from({1, 1, 1, static_cast<Index>(numbers.size())}, numbers);
}

std::vector<float> aligned(Alignment alignment, const std::vector<float>& scores,
                           const AlignmentOptions& options = {},
                           const AlignmentPlaces& places = {}) {
  const Tensor weights =
      align(row_of(scores), Tensor::zeros({1, 1, 1, D}), alignment, options, places);
  return {weights.values().begin(), weights.values().end()};
}

TEST(AlignmentTest, HardTakesTheFirstOfTheLargest) {
  EXPECT_EQ(aligned(Alignment::hard, {1, 3, 2, 3}), (std::vector<float>{0, 1, 0, 0}));
  EXPECT_EQ(aligned(Alignment::hard, {-infinity, -5, infinity}), (std::vector<float>{0, 0, 1}));
  EXPECT_EQ(aligned(Alignment::hard, {-infinity, -infinity}), (std::vector<float>{0, 0}));
  EXPECT_EQ(aligned(Alignment::hard, {}), (std::vector<float>{}));
}

// One draw a row: 4,000 rows of the same scores, hidden keys among them.
std::vector<Index> draws(uint64_t seed) {
  constexpr Index rows = 4000;
  const std::vector<float> scores{0.5f, -infinity, -1, 2, 0, -infinity, 1};
  Tensor masked = Tensor::empty({2, 2, rows / 4, 7});
  for (Index i = 0; i < masked.count(); ++i) masked.data()[i] = scores[static_cast<size_t>(i % 7)];
  const Tensor weights =
      align(masked, Tensor::empty({2, 2, rows / 4, 1}), Alignment::hard_sampled, {.seed = seed});
  std::vector<Index> result;
  for (Index row = 0; row < rows; ++row) {
    const auto begin = weights.data() + row * 7, end = begin + 7;
    EXPECT_EQ(std::count(begin, end, 0.0f), 6);
    EXPECT_EQ(std::count(begin, end, 1.0f), 1);
    result.push_back(std::find(begin, end, 1.0f) - begin);
  }
  return result;
}

// Pearson's statistic of 5 classes has 4 degrees of freedom: above 18.47 with probability 0.001,
// which a fixed seed either is or is not.
TEST(AlignmentTest, SampledKeysAreDistributedAsTheSoftmax) {
  const auto shares = reference::softmax<double>({0.5, -infinity, -1, 2, 0, -infinity, 1});
  for (const uint64_t seed : {1u, 2u, 3u}) {
    const auto keys = draws(seed);
    double statistic = 0;
    for (Index s = 0; s < 7; ++s) {
      const auto count = static_cast<double>(std::count(keys.begin(), keys.end(), s));
      const double expected = 4000 * shares[static_cast<size_t>(s)];
      if (expected == 0) {
        EXPECT_EQ(count, 0) << "a hidden key was drawn";
      } else {
        statistic += (count - expected) * (count - expected) / expected;
      }
    }
    EXPECT_LT(statistic, 18.47) << "seed " << seed;
  }
}

TEST(AlignmentTest, ASeedDrawsTheSameKeysAgainAndAnotherDrawsOthers) {
  EXPECT_EQ(draws(5), draws(5));
  EXPECT_NE(draws(5), draws(6));
  set_thread_count(3);
  const auto on_threads = draws(5);
  set_thread_count(1);
  EXPECT_EQ(on_threads, draws(5));
}

// A row's draw depends on its place (b, h, l), not on how many rows there are.
TEST(AlignmentTest, FewerQueriesDrawTheSameKeys) {
  const auto first_row = [](Index L) {
    const Tensor weights = align(Tensor::zeros({1, 3, L, 50}), Tensor::empty({1, 3, L, 1}),
                                 Alignment::hard_sampled, {.seed = 3});
    return std::vector<float>(weights.data() + 2 * L * 50, weights.data() + 2 * L * 50 + 50);
  };
  EXPECT_EQ(first_row(1), first_row(8));
}

// The four visible keys around place 1 + 2 share the weight; those before and after get nothing.
TEST(AlignmentTest, LocalMLooksAroundTheQuerysOwnPlace) {
  const std::vector<float> scores(8, 0.25f);
  EXPECT_EQ(aligned(Alignment::local_m, scores, {.radius = 1}, {{3}, {}}),
            (std::vector<float>{0, 0, 1.f / 3, 1.f / 3, 1.f / 3, 0, 0, 0}));
  EXPECT_EQ(aligned(Alignment::local_m, scores, {.radius = 0}, {{7}, {}}),
            (std::vector<float>{0, 0, 0, 0, 0, 0, 0, 1}));
  EXPECT_EQ(aligned(Alignment::local_m, scores, {.radius = 1}, {{9}, {}}), std::vector<float>(8))
      << "no key is near";
  EXPECT_EQ(aligned(Alignment::local_m, scores, {.radius = 1}, {{-3}, {}}), std::vector<float>(8));
}

// tanh(0) = 0, so the place is half of the length; e^(-(1 / 1)^2 / 2) of a third is left beside it.
TEST(AlignmentTest, LocalPWeighsByDistanceAndDoesNotNormalizeAgain) {
  const AlignmentOptions options{.radius = 2,
                                 .position_weight = Tensor::zeros({M, D}),
                                 .position_vector = Tensor::full({M}, 1)};
  const auto weights = aligned(Alignment::local_p, std::vector<float>(9, 1), options, {{}, {8}});
  const double share = 0.2;
  for (size_t s = 0; s < 9; ++s) {
    const double distance = std::abs(static_cast<double>(s) - 4);
    const double expected = distance <= 2 ? share * std::exp(-distance * distance / 2) : 0.0;
    EXPECT_NEAR(weights[s], expected, 1e-7) << s;  // two roundings of numbers below 0.2
  }
}

// --- What is hidden stays hidden; what is not a number stays where it is ---

TEST(AlignmentTest, ANumberThatIsNoneMakesItsRowOne) {
  for (const Alignment alignment : {Alignment::softmax, Alignment::hard, Alignment::hard_sampled}) {
    for (const float weight : aligned(alignment, {1, nan, 2})) EXPECT_TRUE(std::isnan(weight));
  }
  const auto weights = aligned(Alignment::local_m, {1, 2, nan, 3}, {.radius = 1});
  EXPECT_EQ(weights[3], 0);
  EXPECT_FALSE(std::isnan(weights[0]) || std::isnan(weights[1])) << "out of the window";
}

TEST(AlignmentTest, AQueryThatIsNoNumberHasNoPlace) {
  Case c{Alignment::local_p};
  Tensor q = c.q();
  q.data()[0] = nan;
  const Tensor masked = c.masked();
  const Tensor weights = align(masked, q, c.alignment, c.options());
  const Tensor clean = c.weights();
  for (Index i = 0; i < weights.count(); ++i) {
    if (i < c.S && masked.data()[i] != -infinity) {
      EXPECT_TRUE(std::isnan(weights.data()[i]));
    } else {
      EXPECT_EQ(weights.data()[i], clean.data()[i]);
    }
  }
  // nothing arrives at its row, so nothing leaves it
  Tensor dweights = random_tensor(weights.shape(), 9);
  std::fill_n(dweights.data(), c.S, 0.0f);
  const auto gradients = align_backward(dweights, weights, q, c.alignment, c.options());
  const auto expected = c.gradients(dweights);
  testing::expect_same(gradients.masked.values(), expected.masked.values());
  testing::expect_same(gradients.q.values(), expected.q.values());
  testing::expect_same(gradients.position_weight.values(), expected.position_weight.values());
}

TEST(AlignmentTest, WhatArrivesAtAHiddenKeyIsLost) {
  for (const Alignment alignment : {Alignment::softmax, Alignment::local_m, Alignment::local_p}) {
    const Case c{alignment};
    const Tensor weights = c.weights();
    Tensor dweights = random_tensor(weights.shape(), 9);
    const auto expected = c.gradients(dweights);
    for (Index i = 0; i < weights.count(); ++i) {
      if (weights.data()[i] == 0) dweights.data()[i] = i % 2 ? nan : infinity;
    }
    const auto gradients = c.gradients(dweights);
    testing::expect_same(gradients.masked.values(), expected.masked.values());
    if (alignment == Alignment::local_p) {
      testing::expect_same(gradients.q.values(), expected.q.values());
    }
    for (Index i = 0; i < weights.count(); ++i) {
      if (weights.data()[i] == 0) EXPECT_EQ(gradients.masked.data()[i], 0);
    }
  }
}

// --- What is refused ---

TEST(AlignmentTest, AChoiceHasNoGradient) {
  for (const Alignment alignment : {Alignment::hard, Alignment::hard_sampled}) {
    const Case c{alignment};
    EXPECT_EQ(thrown<ValueError>([&] { c.gradients(c.weights()); }),
              "attention: a hard alignment is a choice, which has no gradient");
  }
}

TEST(AlignmentTest, OptionsThatDoNotFitAreRefused) {
  const auto refused = [](Alignment alignment, const AlignmentOptions& options) {
    return thrown<ValueError>([&] { expect_alignment(alignment, options, D); });
  };
  EXPECT_EQ(refused(Alignment::local_m, {.radius = -1}),
            "attention: alignment_options.radius is -1, expected 0 or more");
  EXPECT_EQ(refused(Alignment::local_p, {.radius = 0}),
            "attention: alignment_options.radius is 0, expected 1 or more");
  EXPECT_EQ(
      refused(Alignment::softmax, {.radius = 2}),
      "attention: alignment_options.radius is 2, expected 0, since the alignment is not local");
  EXPECT_EQ(refused(Alignment::local_p, {.radius = 2, .position_weight = Tensor::zeros({M, D})}),
            "attention: alignment_options.position_weight and .position_vector are missing, "
            "local_p needs both");
  EXPECT_EQ(refused(Alignment::local_m, {.radius = 2, .position_vector = Tensor::zeros({M})}),
            "attention: alignment_options.position_weight and .position_vector are given, only "
            "local_p uses them");
}

TEST(AlignmentTest, ShapesThatDoNotFitAreRefused) {
  const AlignmentOptions options{.radius = 2,
                                 .position_weight = Tensor::zeros({M, D + 1}),
                                 .position_vector = Tensor::zeros({M})};
  EXPECT_EQ(thrown<ShapeError>([&] { expect_alignment(Alignment::local_p, options, D); }),
            "attention: alignment_options.position_weight is (4, 4), expected (4, 3)");
  const Case c{Alignment::local_m, 5, 9, {{1, 2, 3}, {}}};
  EXPECT_EQ(thrown<ValueError>([&] { c.weights(); }),
            "attention: first has 3 entries, expected one for each of the 2 batches");
  EXPECT_EQ(thrown<ShapeError>(
                [&] { align(Tensor::zeros({B, H, 4, 9}), c.q(), Alignment::softmax, {}); }),
            "attention: tensor of masked scores is (2, 2, 4, 9), expected (2, 2, 5, 9)");
}

}  // namespace
}  // namespace regard::attention
