// SPDX-License-Identifier: MIT
#include "autograd/reduction.h"

#include <cmath>

#include "autograd/check.h"
#include "thrown.h"

namespace regard::autograd {

namespace {

using Reduction = std::function<Variable(Tape&, const Variable&, const ReduceOptions&)>;
using ExactReduction = std::function<Dual(const Duals&)>;

// A reduction over given axes, which stay or go.
void check_over(const Shape& shape, const ReduceOptions& options, const Reduction& operation,
                const ExactReduction& exact) {
  SCOPED_TRACE(shape.to_string() + " over " + ::testing::PrintToString(options.axes));
  std::vector<Index> kept(shape.begin(), shape.end()), result;
  std::vector<bool> goes(kept.size(), options.axes.empty());
  for (const Index axis : options.axes)
    goes[static_cast<size_t>((axis + shape.rank()) % shape.rank())] = true;
  for (size_t axis = 0; axis < kept.size(); ++axis) {
    if (goes[axis]) kept[axis] = 1;
    if (!goes[axis] || options.keep) result.push_back(kept[axis]);
  }

  check(
      {shape}, [&](Tape& tape, const auto& in) { return operation(tape, in[0], options); },
      [&](const auto& in) {
        std::vector<Duals> groups(static_cast<size_t>(Shape(kept).count()));
        for (const auto& place : places(shape)) {
          std::vector<Index> group(groups.size());
          for (size_t i = 0; i < group.size(); ++i) group[i] = static_cast<Index>(i);
          groups[static_cast<size_t>(at(group, Shape(kept), place))].push_back(
              at(in[0], shape, place));
        }
        Duals all;
        for (const Duals& group : groups) all.push_back(exact(group));
        return all;
      });
  Tape tape;
  const Variable y = operation(tape, variable(random_tensor(shape, 100)), options);
  EXPECT_EQ(y->value.shape(), Shape(result));
}

// Every choice of axes, in which the innermost one stays or goes; then rows and columns that are
// longer than what is summed or kept at a time.
void check_reduction(const Reduction& operation, const ExactReduction& exact) {
  for (unsigned chosen = 0; chosen < 16; ++chosen) {
    std::vector<Index> axes;
    for (Index axis = 0; axis < 4; ++axis) {
      if (chosen >> axis & 1) axes.push_back(chosen % 3 ? axis : axis - 4);
    }
    check_over({2, 3, 2, 3}, {axes, chosen % 2 == 0}, operation, exact);
  }
  check_over({70, 3}, {{0}}, operation, exact);
  check_over({3, 70}, {{0}}, operation, exact);
  check_over({2, 2, 70}, {{-1}}, operation, exact);
  check_over({1, 4, 1}, {{0, 2}}, operation, exact);
  check_over({}, {}, operation, exact);
}

Dual sum_of(const Duals& x) {
  Dual sum = 0.0;
  for (const Dual& element : x) sum += element;
  return sum;
}

Dual variance_of(const Duals& x, double correction) {
  const auto n = static_cast<double>(x.size());
  const Dual mean = sum_of(x) / n;
  Dual squares = 0.0;
  for (const Dual& element : x) squares += (element - mean) * (element - mean);
  return squares / (n - correction);
}

}  // namespace

void check_sum() { check_reduction(sum, sum_of); }

void check_mean() {
  check_reduction(mean, [](const Duals& x) { return sum_of(x) / static_cast<double>(x.size()); });
}

void check_variance() {
  for (const float correction : {0.0f, 1.0f}) {
    const auto over = [=](const Shape& shape, const std::vector<Index>& axes, bool keep) {
      check_over(
          shape, {axes, keep},
          [=](Tape& tape, const Variable& x, const ReduceOptions& options) {
            return variance(tape, x, options, correction);
          },
          [=](const Duals& x) { return variance_of(x, static_cast<double>(correction)); });
    };
    over({3, 4, 5}, {}, false);
    over({3, 4, 5}, {1}, true);
    over({3, 4, 5}, {0, -1}, false);
  }
}

void check_max() {
  check_reduction(max, [](const Duals& x) { return *std::max_element(x.begin(), x.end()); });
}

void check_min() {
  check_reduction(min, [](const Duals& x) { return *std::min_element(x.begin(), x.end()); });
}

void check_cumulative_sum() {
  const Shape shape = {3, 4, 5};
  for (const Index axis : {0, 1, 2, -1}) {
    const auto along = static_cast<size_t>(axis < 0 ? axis + 3 : axis);
    check(
        {shape}, [=](Tape& tape, const auto& in) { return cumulative_sum(tape, in[0], axis); },
        [=](const auto& in) {
          Duals result;
          for (auto place : places(shape)) {
            Dual total = 0.0;
            for (; place[along] >= 0; --place[along]) total += at(in[0], shape, place);
            result.push_back(total);
          }
          return result;
        });
  }
}

void check_weighted_total() {
  const Tensor weights = random_tensor({3, 5}, 52);
  check(
      {{3, 5}}, [&](Tape& tape, const auto& in) { return weighted_total(tape, in[0], weights); },
      [&](const auto& in) {
        return Duals{testing::weighted_sum(in[0], testing::widened(weights.values()))};
      });
}

namespace {

constexpr float infinity = std::numeric_limits<float>::infinity();
constexpr float nan = std::numeric_limits<float>::quiet_NaN();

TEST(ReductionTest, SumsStayExactHoweverLong) {
  Tape tape(Tape::Mode::forget);
  const Index n = 1'000'000;
  // a sum in float alone is off by some hundred here
  const double expected = static_cast<double>(0.1f) * static_cast<double>(n);
  for (const auto& [shape, axis] : {std::pair<Shape, Index>{{n}, 0}, {{n, 2}, 0}, {{2, n}, 1}}) {
    const Variable x = constant(Tensor::full(shape, 0.1f));
    const Variable y = sum(tape, x, {.axes = {axis}});
    // short sums of 32 terms, each rounded: 16 roundings on average
    for (const float value : y->value.values()) EXPECT_NEAR(value, expected, 1e-6 * expected);
  }
}

TEST(ReductionTest, NothingHasASumButNoLargest) {
  Tape tape;
  const Variable x = variable(Tensor::zeros({2, 0}));
  testing::expect_same(sum(tape, x, {.axes = {1}})->value.values(), std::vector<float>{0, 0});
  EXPECT_TRUE(std::isnan(mean(tape, x)->value.data()[0]));
  EXPECT_EQ(sum(tape, x, {.axes = {0}})->value.shape(), Shape({0}));
  EXPECT_EQ(max(tape, x, {.axes = {0}})->value.shape(), Shape({0}));
  EXPECT_EQ(cumulative_sum(tape, x, 1)->value.shape(), Shape({2, 0}));
  EXPECT_EQ(thrown<ShapeError>([&] { max(tape, x, {.axes = {1}}); }),
            "max: x is (2, 0), of which nothing is to be had");
  EXPECT_EQ(thrown<ShapeError>([&] { min(tape, x); }),
            "min: x is (2, 0), of which nothing is to be had");
}

TEST(ReductionTest, ANaNIsTheLargestAndTheSmallest) {
  Tape tape;
  for (const Index at : {0, 5, 40, 69}) {
    std::vector<float> values(70, 1.0f);
    values[static_cast<size_t>(at)] = nan;
    for (const Shape& shape : {Shape{70}, Shape{70, 1}}) {
      const Variable x = constant(Tensor::from(shape, values));
      EXPECT_TRUE(std::isnan(max(tape, x)->value.data()[0])) << at;
      EXPECT_TRUE(std::isnan(min(tape, x)->value.data()[0])) << at;
    }
    // in columns
    Tensor columns = Tensor::full({70, 3}, 1.0f);
    columns.data()[3 * at + 1] = nan;
    const Variable found = max(tape, constant(columns), {.axes = {0}});
    testing::expect_within(found->value.values(), std::vector<double>{1, nan, 1},
                           [](size_t) { return 0.0; });
  }
  const Variable low = constant(Tensor::full({3}, -infinity));
  EXPECT_EQ(max(tape, low)->value.data()[0], -infinity);
}

TEST(ReductionTest, TheLargestShareTheGradient) {
  Tape tape;
  const Variable x = variable(Tensor::from({2, 3}, std::vector<float>{4, 1, 4, 2, 3, 0}));
  const Variable y = max(tape, x, {.axes = {1}});
  tape.backward(weighted_total(tape, y, Tensor::from({2}, std::vector<float>{3, 5})));
  testing::expect_same(x->gradient.values(), std::vector<float>{1.5f, 0, 1.5f, 0, 5, 0});
}

TEST(ReductionTest, AxesThatAreNotThereAreNamed) {
  Tape tape;
  const Variable x = constant(Tensor::zeros({2, 3}));
  EXPECT_EQ(thrown<ValueError>([&] { sum(tape, x, {.axes = {2}}); }),
            "sum: 2 is not one of the axes of (2, 3)");
  EXPECT_EQ(thrown<ValueError>([&] { mean(tape, x, {.axes = {1, -1}}); }),
            "mean: axis 1 is named twice");
  EXPECT_EQ(thrown<ValueError>([&] { cumulative_sum(tape, x, -3); }),
            "cumulative_sum: -3 is not one of the axes of (2, 3)");
}

}  // namespace

}  // namespace regard::autograd
