// SPDX-License-Identifier: MIT
#include "autograd/tape.h"

#include "autograd/operations.h"
#include "support/numbers.h"
#include "tensor/arena.h"
#include "thrown.h"

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
  const Variable constant_sum = add(tape, c, c);
  EXPECT_EQ(recorded(), 0u);
  EXPECT_FALSE(constant_sum->needs_gradient);
  const Variable sum = add(tape, c, leaf({1, 2, 3}));
  EXPECT_EQ(recorded(), 1u);
}

TEST(TapeTest, ATapeThatForgetsRecordsNothing) {
  const Tape forgetful(Tape::Mode::forget);
  EXPECT_FALSE(forgetful.recording());
  const Variable x = leaf({1, 2, 3});
  Tape tape(Tape::Mode::forget);
  const Variable y = softmax(tape, x);
  EXPECT_EQ(recorded(), 0u);
  EXPECT_FALSE(y->needs_gradient);
}

TEST(TapeTest, WhatIsRecordedLivesAsLongAsItsResult) {
  Tape tape;
  const Variable x = leaf({1, 2, 3});
  {
    Variable y = softmax(tape, softmax(tape, x));
    const Variable branch = softmax(tape, y);
    EXPECT_EQ(recorded(), 3u);
    y.reset();  // the branch goes through it
    EXPECT_EQ(recorded(), 3u);
  }
  EXPECT_EQ(recorded(), 0u);
}

TEST(TapeTest, OutputsThatDoNotReachTheLossSendNothingBack) {
  Tape tape;
  const Variable x = leaf({1, 2, 3}), unused = leaf({4, 5, 6});
  const Variable y = softmax(tape, unused);
  tape.backward(weighted_total(tape, x, ones));
  EXPECT_FALSE(unused->gradient.defined());
  EXPECT_EQ(recorded(), 1u);
}

// Whatever way the graph branches, the last operation is undone first: sums of gradients then
// have one order.
TEST(TapeTest, OperationsAreUndoneInReverseOrder) {
  Tape tape;
  std::vector<int> undone;
  const auto note = [&](int number, const std::vector<Variable>& inputs) {
    return tape.record(Tensor::zeros({1}), inputs, [&undone, number, inputs](const Node&) {
      undone.push_back(number);
      for (const Variable& input : inputs) input->grad();
    });
  };
  const Variable x = leaf({1});
  const Variable a = note(0, {x}), b = note(1, {x}), c = note(2, {a, x});
  const Variable unused = note(3, {a});
  const Variable d = note(4, {b, a}), loss = note(5, {c, d, a});
  tape.backward(loss);
  EXPECT_EQ(undone, (std::vector<int>{5, 4, 2, 1, 0}));
}

TEST(TapeTest, AnIntermediateValueKeepsItsGradientIfAsked) {
  Tape tape;
  const Variable x = leaf({1, 2, 3});
  const Variable kept = add(tape, x, x), passed = add(tape, kept, x);
  kept->keeps_gradient = true;
  tape.backward(weighted_total(tape, passed, Tensor::from({3}, std::vector<float>{1, 2, 4})));
  testing::expect_same(kept->gradient.values(), std::vector<float>{1, 2, 4});
  EXPECT_FALSE(passed->gradient.defined());
}

// Two outputs, x + 1 and 2 x, of one operation.
std::vector<Variable> two_outputs(const Tape& tape, const Variable& x, int* calls) {
  Tensor more = x->value.clone(), twice = x->value.clone();
  for (float& value : more.values()) value += 1;
  for (float& value : twice.values()) value *= 2;
  return tape.record_many({more, Tensor(), twice}, {x}, [x, calls](const auto& gradients) {
    ++*calls;
    ASSERT_EQ(gradients.size(), 3u);
    EXPECT_FALSE(gradients[1].defined());
    for (Index i = 0; i < x->value.count(); ++i) {
      if (gradients[0].defined()) x->grad().data()[i] += gradients[0].data()[i];
      if (gradients[2].defined()) x->grad().data()[i] += 2 * gradients[2].data()[i];
    }
  });
}

TEST(TapeTest, SeveralOutputsGetTheirGradientsAtOnce) {
  for (const bool first : {true, false}) {
    for (const bool second : {true, false}) {
      Tape tape;
      const Variable x = leaf({1, 2, 3});
      int calls = 0;
      std::vector<Variable> outputs = two_outputs(tape, x, &calls);
      EXPECT_EQ(outputs[1], nullptr);
      testing::expect_same(outputs[0]->value.values(), std::vector<float>{2, 3, 4});
      Variable sum = x;
      if (first) sum = add(tape, sum, outputs[0]);
      if (second) sum = add(tape, sum, outputs[2]);
      if (!first) outputs[0].reset();  // one that is gone has no gradient either
      tape.backward(weighted_total(tape, sum, ones));
      EXPECT_EQ(calls, first || second ? 1 : 0);
      const float expected = 1.0f + (first ? 1.0f : 0.0f) + (second ? 2.0f : 0.0f);
      testing::expect_same(x->gradient.values(), std::vector<float>(3, expected));
    }
  }
}

// No stack holds 200,000 frames of destructors, the 512 kB of a module's least of all.
TEST(TapeTest, LongChainsNeedNoStack) {
  Tape tape;
  const Variable x = leaf({1, 2, 3});
  const auto chain = [&] {
    Variable y = x;
    for (int i = 0; i < 200'000; ++i) {
      Variable next = tape.record(y->value, {y}, [y](const Node& out) {
        for (Index j = 0; j < 3; ++j) y->grad().data()[j] += out.gradient.data()[j];
      });
      y = std::move(next);
    }
    return y;
  };
  {
    const Variable dropped = chain();
  }
  EXPECT_EQ(recorded(), 0u);
  tape.backward(weighted_total(tape, chain(), ones));
  EXPECT_EQ(recorded(), 0u);
  testing::expect_same(x->gradient.values(), ones.values());
}

TEST(TapeTest, AGraphGoesBackOnce) {
  Tape tape;
  const Variable x = leaf({1, 2, 3});
  const Variable shared = add(tape, x, x);
  const Variable first = weighted_total(tape, shared, ones);
  const Variable second = weighted_total(tape, shared, ones);
  tape.backward(first);
  for (const Variable& loss : {first, second}) {
    EXPECT_EQ(thrown<ValueError>([&] { tape.backward(loss); }),
              "backward: an earlier backward has passed what the loss was made from, and dropped "
              "it; compute the loss anew");
  }
  // what failed has added nothing
  testing::expect_same(x->gradient.values(), std::vector<float>{2, 2, 2});
}

TEST(TapeTest, ALossThatNothingLeadsToIsRefused) {
  Tape tape;
  EXPECT_EQ(thrown<ValueError>([&] { tape.backward(constant(Tensor::zeros({1}))); }),
            "backward: the loss depends on nothing that needs a gradient");
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
  EXPECT_EQ(recorded(), 0u);
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
