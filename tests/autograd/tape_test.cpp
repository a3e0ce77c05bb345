// SPDX-License-Identifier: MIT
#include "autograd/tape.h"

#include "autograd/operations.h"
#include "support/numbers.h"
#include "tensor/arena.h"

namespace regard::autograd {
namespace {

const Tensor ones = Tensor::full({3}, 1.0f);

Variable leaf(std::vector<float> values) {
  return variable(Tensor::from({static_cast<Index>(values.size())}, values));
}

TEST(TapeTest, AVariableThatIsUsedTwiceGetsBothGradients) {
  Tape tape;
  const Variable x = leaf({1, 2, 3});
  const Variable doubled = add(tape, x, x);
  tape.backward(weighted_total(tape, add(tape, doubled, x), ones));
  testing::expect_same(x->gradient.values(), std::vector<float>{3, 3, 3});
}

TEST(TapeTest, GradientsAddUpOverSeveralPasses) {
  const Variable x = leaf({1, 2, 3});
  for (int pass = 0; pass < 3; ++pass) {
    Tape tape;
    tape.backward(weighted_total(tape, x, Tensor::from({3}, std::vector<float>{1, 2, 4})));
  }
  testing::expect_same(x->gradient.values(), std::vector<float>{3, 6, 12});
}

TEST(TapeTest, AConstantGetsNoGradient) {
  Tape tape;
  const Variable x = leaf({1, 2, 3}), c = constant(Tensor::full({3}, 5.0f));
  tape.backward(weighted_total(tape, add(tape, x, c), ones));
  EXPECT_TRUE(x->gradient.defined());
  EXPECT_FALSE(c->gradient.defined());
}

TEST(TapeTest, OnlyWhatNeedsAGradientIsRecorded) {
  Tape tape;
  const Variable c = constant(Tensor::full({3}, 5.0f));
  add(tape, c, c);
  EXPECT_EQ(tape.size(), 0u);
  add(tape, c, leaf({1, 2, 3}));
  EXPECT_EQ(tape.size(), 1u);
}

TEST(TapeTest, ATapeThatForgetsRecordsNothing) {
  Tape tape(Tape::Mode::forget);
  EXPECT_FALSE(tape.recording());
  const Variable x = leaf({1, 2, 3});
  const Variable y = softmax(tape, x);
  EXPECT_EQ(tape.size(), 0u);
  EXPECT_FALSE(y->needs_gradient);
}

TEST(TapeTest, OutputsThatDoNotReachTheLossSendNothingBack) {
  Tape tape;
  const Variable x = leaf({1, 2, 3}), unused = leaf({4, 5, 6});
  softmax(tape, unused);
  tape.backward(weighted_total(tape, x, ones));
  EXPECT_FALSE(unused->gradient.defined());
  EXPECT_EQ(tape.size(), 0u);
}

TEST(TapeTest, OnlyOneNumberCanBeALoss) {
  Tape tape;
  const Variable x = leaf({1, 2, 3});
  EXPECT_THROW(tape.backward(add(tape, x, x)), ShapeError);
}

// What a pass kept for backward is given back while backward goes, to the last byte.
TEST(TapeTest, BackwardGivesBackWhatThePassKept) {
  const Variable x = variable(Tensor::full({100, 100}, 0.5f));
  const Tensor weights = Tensor::full({100, 100}, 1.0f);
  x->grad();
  const size_t before = Arena::shared().used();
  Tape tape;
  {
    Variable y = x;
    for (int i = 0; i < 5; ++i) y = softmax(tape, y);
    tape.backward(weighted_total(tape, y, weights));
  }
  EXPECT_EQ(tape.size(), 0u);
  EXPECT_EQ(Arena::shared().used(), before);
}

// A pass that does not record holds no more than the value at hand and the one before.
TEST(TapeTest, ForgettingPassesReuseTheirStorage) {
  Tape tape(Tape::Mode::forget);
  const auto pass = [&](int steps) {
    Variable y = constant(Tensor::full({100, 100}, 0.5f));
    for (int i = 0; i < steps; ++i) y = softmax(tape, y);
  };
  pass(2);
  const size_t held = Arena::shared().used() + Arena::shared().idle();
  pass(50);
  EXPECT_EQ(Arena::shared().used() + Arena::shared().idle(), held);
}

}  // namespace
}  // namespace regard::autograd
