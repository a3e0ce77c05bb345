// SPDX-License-Identifier: MIT
#include "autograd/normalization.h"

#include "autograd/check.h"
#include "reference/layer_norm.h"
#include "reference/softmax.h"
#include "thrown.h"

namespace regard::autograd {

namespace {

using Normalization = Variable (*)(Tape&, const Variable&, Index);

// A function of rows, along every axis of a tensor.
void check_axes(Normalization operation, Duals (*exact)(const Duals&)) {
  const Shape shape = {3, 2, 9};
  for (const Index axis : {0, 1, 2, -1, -2, -3}) {
    SCOPED_TRACE(axis);
    const auto along = static_cast<size_t>(axis < 0 ? axis + 3 : axis);
    check(
        {shape}, [=](Tape& tape, const auto& in) { return operation(tape, in[0], axis); },
        [=](const auto& in) {
          Duals result;
          for (auto place : places(shape)) {
            const auto own = static_cast<size_t>(std::exchange(place[along], 0));
            Duals row;
            for (; place[along] < shape[static_cast<Index>(along)]; ++place[along]) {
              row.push_back(at(in[0], shape, place));
            }
            result.push_back(exact(row)[own]);
          }
          return result;
        });
  }
}

}  // namespace

void check_softmax() { check_axes(softmax, reference::softmax<Dual>); }

void check_log_softmax() { check_axes(log_softmax, reference::log_softmax<Dual>); }

void check_layer_norm() {
  check(
      {{2, 3, 7}, {7}, {7}},
      [](Tape& tape, const auto& in) { return layer_norm(tape, in[0], in[1], in[2], 1e-5f); },
      [](const auto& in) {
        return each_row(matrix(6, in[0]),
                        [&](const Duals& row) {
                          return reference::layer_norm(row, in[1], in[2],
                                                       static_cast<double>(1e-5f));
                        })
            .values();
      });
}

namespace {

TEST(NormalizationTest, ConstantsKeepNoGradient) {
  const Shape shape = {3, 4};
  for (size_t needing = 0; needing < 3; ++needing) {
    std::vector<Variable> in;
    for (const Shape& each : {shape, Shape{4}, Shape{4}}) {
      in.push_back((in.size() == needing ? variable : constant)(random_tensor(each, in.size())));
    }
    Tape tape;
    tape.backward(
        weighted_total(tape, layer_norm(tape, in[0], in[1], in[2], 1e-5f), Tensor::full(shape, 1)));
    for (size_t i = 0; i < 3; ++i) EXPECT_EQ(in[i]->gradient.defined(), i == needing);
  }
}

TEST(NormalizationTest, NothingStaysNothing) {
  Tape tape;
  const Variable x = variable(Tensor::zeros({2, 0, 3}));
  for (const Index axis : {0, 1, 2}) {
    EXPECT_EQ(softmax(tape, x, axis)->value.shape(), x->value.shape());
    EXPECT_EQ(log_softmax(tape, x, axis)->value.shape(), x->value.shape());
  }
}

TEST(NormalizationTest, AnAxisThatIsNotThereIsNamed) {
  Tape tape;
  const Variable x = constant(Tensor::zeros({2, 3}));
  EXPECT_EQ(thrown<ValueError>([&] { softmax(tape, x, 2); }),
            "softmax: 2 is not one of the axes of (2, 3)");
  EXPECT_EQ(thrown<ValueError>([&] { log_softmax(tape, x, -3); }),
            "log_softmax: -3 is not one of the axes of (2, 3)");
}

}  // namespace

}  // namespace regard::autograd
