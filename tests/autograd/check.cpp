// SPDX-License-Identifier: MIT
#include "autograd/check.h"

namespace regard::autograd {

namespace {

// The derivative of sum(weights * exact(inputs)) by each element of all inputs, one after the
// other.
std::vector<double> exact_gradient(const std::vector<Tensor>& values, const Exact& exact,
                                   const std::vector<double>& weights) {
  std::vector<double> point;
  for (const Tensor& value : values) {
    point.insert(point.end(), value.values().begin(), value.values().end());
  }
  return testing::gradient(point, [&](const Duals& all) {
    std::vector<Duals> inputs;
    auto at = all.begin();
    for (const Tensor& value : values) {
      inputs.emplace_back(at, at + value.count());
      at += value.count();
    }
    return testing::weighted_sum(exact(inputs), weights);
  });
}

}  // namespace

void check_at(const std::vector<Tensor>& values, const Operation& operation, const Exact& exact) {
  std::vector<Variable> inputs;
  std::vector<Duals> exact_inputs;
  for (const Tensor& value : values) {
    inputs.push_back(variable(value));
    exact_inputs.emplace_back(value.values().begin(), value.values().end());
  }

  // Where nothing is recorded, nothing is kept.
  Tape forgetful(Tape::Mode::forget);
  const Variable unrecorded = operation(forgetful, inputs);
  EXPECT_EQ(recorded(), 0u);

  Tape tape;
  const Variable output = operation(tape, inputs);
  std::vector<double> expected;
  for (const Dual& value : exact(exact_inputs)) expected.push_back(value.value);
  testing::expect_close(output->value.values(), expected, 64, "value");
  testing::expect_close(unrecorded->value.values(), expected, 64, "unrecorded value");

  const Tensor weights = random_tensor(output->value.shape(), 99);
  const auto gradients = exact_gradient(values, exact, testing::widened(weights.values()));
  tape.backward(weighted_total(tape, output, weights));
  EXPECT_EQ(recorded(), 0u) << "backward has left something";
  auto at = gradients.begin();
  for (size_t i = 0; i < values.size(); ++i) {
    const std::vector<double> part(at, at + values[i].count());
    ASSERT_TRUE(inputs[i]->gradient.defined()) << "input " << i << " got no gradient";
    ASSERT_EQ(inputs[i]->gradient.shape(), values[i].shape());
    testing::expect_gradient(inputs[i]->gradient.values(), part, "input " + std::to_string(i));
    at += values[i].count();
  }
}

void check(const std::vector<Shape>& shapes, const Operation& operation, const Exact& exact) {
  std::vector<Tensor> values;
  for (const Shape& shape : shapes) values.push_back(random_tensor(shape, 100 + values.size()));
  check_at(values, operation, exact);
}

Shape broadcast(const Shape& a, const Shape& b) {
  std::vector<Index> sizes(static_cast<size_t>(std::max(a.rank(), b.rank())), 1);
  for (const Shape& shape : {a, b}) {
    auto size = sizes.rbegin();
    for (Index axis = shape.rank() - 1; axis >= 0; --axis, ++size) {
      if (shape[axis] != 1) *size = shape[axis];
    }
  }
  return Shape(sizes);
}

std::vector<std::vector<Index>> places(const Shape& shape) {
  std::vector<std::vector<Index>> result;
  for (Index flat = 0; flat < shape.count(); ++flat) {
    std::vector<Index> place(static_cast<size_t>(shape.rank()));
    Index rest = flat;
    for (Index axis = shape.rank() - 1; axis >= 0; --axis) {
      place[static_cast<size_t>(axis)] = rest % shape[axis];
      rest /= shape[axis];
    }
    result.push_back(place);
  }
  return result;
}

}  // namespace regard::autograd
