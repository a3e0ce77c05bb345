// SPDX-License-Identifier: MIT
#include "autograd/rotary.h"

#include "layers/positions_golden.h"
#include "thrown.h"

namespace regard::layers {
namespace {

using autograd::RotaryOptions;
using kernels::RotaryPairs;

void expect_model(const std::string& name, const RotaryOptions& options) {
  SCOPED_TRACE(name);
  const PositionsGolden golden(name);
  const Variable x = golden.variable("input");
  Tape tape;
  golden.expect(tape, autograd::rotary(tape, x, options), {{"gradient", x}});
}

// Rows 0 … 4 stand at places 3 … 7.
TEST(RotaryTest, AgreesWithTheModels) {
  expect_model("llama", {.first = 3});
  expect_model("neox", {.base = 500, .width = 6, .first = 3});
  expect_model("roformer", {.pairs = RotaryPairs::interleaved, .first = 3});
}

// GPT-J has heads behind places: (B, L, H, D), the same as (B, L, H D).
TEST(RotaryTest, HeadsMayLieSideBySide) {
  const PositionsGolden golden("gptj");
  const Tensor input = golden.tensor("input");
  const Index L = input.size(1), H = input.size(2), D = input.size(3);
  const Variable x = autograd::variable(input.reshape({1, L, H * D}));
  Tape tape;
  const Variable y = autograd::rotary(
      tape, x, {.pairs = RotaryPairs::interleaved, .width = 6, .first = 3, .heads = H});
  const Tensor expected = golden.tensor("output");
  for (Index i = 0; i < expected.count(); ++i) {
    ASSERT_NEAR(y->value.data()[i], expected.data()[i], 1e-5) << i;
  }
}

// What the rotation is for: a product depends on the distance alone.
TEST(RotaryTest, ProductsDependOnTheDistance) {
  for (const RotaryPairs pairs : {RotaryPairs::halves, RotaryPairs::interleaved}) {
    Tape tape;
    const Variable q = autograd::constant(Tensor::from({1, 12}, testing::numbers(12, 1)));
    const Variable k = autograd::constant(Tensor::from({1, 12}, testing::numbers(12, 2)));
    const auto product = [&](Index query, Index key) {
      const Tensor a = autograd::rotary(tape, q, {.pairs = pairs, .first = query})->value;
      const Tensor b = autograd::rotary(tape, k, {.pairs = pairs, .first = key})->value;
      double sum = 0;
      for (Index i = 0; i < 12; ++i) {
        sum += static_cast<double>(a.data()[i]) * static_cast<double>(b.data()[i]);
      }
      return sum;
    };
    // twelve products of numbers up to about 3, each factor off by two roundings
    EXPECT_NEAR(product(5, 2), product(105, 102), 1e-5);
    EXPECT_GT(std::abs(product(5, 2) - product(5, 3)), 1e-3);
  }
}

TEST(RotaryTest, RefusesWhatDoesNotPairUp) {
  Tape tape;
  const auto rotate = [&](const Shape& shape, const RotaryOptions& options) {
    return [&tape, shape, options] {
      autograd::rotary(tape, autograd::constant(Tensor::zeros(shape)), options);
    };
  };
  EXPECT_EQ(thrown<ValueError>(rotate({2, 5}, {})),
            "rotary: width is 5, expected an even number up to 5");
  EXPECT_EQ(thrown<ValueError>(rotate({2, 6}, {.width = 8})),
            "rotary: width is 8, expected an even number up to 6");
  EXPECT_EQ(thrown<ValueError>(rotate({2, 6}, {.base = 0})),
            "rotary: base is 0, expected a number above 0");
  EXPECT_EQ(thrown<ShapeError>(rotate({6}, {})), "rotary: x is (6), expected (..., L, D)");
  EXPECT_EQ(thrown<ShapeError>(rotate({2, 6}, {.heads = 4})),
            "rotary: x is (2, 6), expected (..., L, 4 D)");
}

}  // namespace
}  // namespace regard::layers
