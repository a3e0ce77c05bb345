// SPDX-License-Identifier: MIT
#include "autograd/reduction.h"

#include <utility>

#include "autograd/arithmetic.h"
#include "autograd/operands.h"
#include "kernels/elementwise.h"

namespace regard::autograd {

using kernels::Reduction;

namespace {

// What is reduced and what is left.
struct Plan {
  Shape kept;     // of the rank of x, 1 where it is reduced
  Shape reduced;  // of the rank of x, 1 where it is not
  Shape result;   // what the caller gets
};

Plan plan(const char* operation, const Shape& shape, const ReduceOptions& options) {
  std::vector<bool> goes(static_cast<size_t>(shape.rank()), options.axes.empty());
  for (const Index axis : options.axes) {
    const auto at = static_cast<size_t>(axis_of(operation, shape, axis));
    if (goes[at]) {
      throw ValueError(operation, ": axis ", at, " is named twice");
    }
    goes[at] = true;
  }
  std::vector<Index> kept(shape.begin(), shape.end()), reduced(kept), result;
  for (size_t axis = 0; axis < kept.size(); ++axis) {
    if (!goes[axis]) result.push_back(kept[axis]);
    (goes[axis] ? kept : reduced)[axis] = 1;
  }
  return {Shape(kept), Shape(reduced), options.keep ? Shape(kept) : Shape(result)};
}

Tensor reduce(Reduction kind, const Plan& plan, const Tensor& x) {
  const kernels::Strides strides = kernels::contiguous(x.shape());
  Tensor y = Tensor::empty(plan.result);
  kernels::reduce(kind, kernels::make_loop(plan.kept, {{strides, kernels::contiguous(plan.kept)}}),
                  kernels::make_loop(plan.reduced, {{strides}}), x.data(), y.data());
  return y;
}

// factor * the sum.
Variable scaled_sum(Tape& tape, const Variable& x, const Plan& plan, float factor) {
  Tensor y = reduce(Reduction::sum, plan, x->value);
  if (factor != 1) kernels::scale(factor, y.data(), y.data(), y.count());
  return tape.record(std::move(y), {x}, [x, kept = plan.kept, factor](const Node& out) {
    // every element gets the gradient of its sum
    const Shape& shape = x->value.shape();
    float* const dx = x->grad().data();
    kernels::add_scaled(factor, broadcast_loop(shape, {shape, kept}), dx, out.gradient.data(), dx);
  });
}

float share_of(const Plan& plan, float correction) {
  return 1.0f / (static_cast<float>(plan.reduced.count()) - correction);
}

// max, or min: the largest of all that is negated.
Variable extreme(Tape& tape, const char* operation, const Variable& x, const ReduceOptions& options,
                 float sign) {
  const Shape& shape = x->value.shape();
  const Plan plan = autograd::plan(operation, shape, options);
  if (plan.reduced.count() == 0 && plan.kept.count() > 0) {
    throw ShapeError(operation, ": x is ", shape, ", of which nothing is to be had");
  }
  Tensor y;
  if (sign < 0) {
    Tensor negated = Tensor::empty(shape);
    kernels::scale(sign, x->value.data(), negated.data(), negated.count());
    y = reduce(Reduction::maximum, plan, negated);
    kernels::scale(sign, y.data(), y.data(), y.count());
  } else {
    y = reduce(Reduction::maximum, plan, x->value);
  }
  return tape.record(std::move(y), {x}, [x, plan](const Node& out) {
    const Tensor found =
        compare(x->value, out.value.reshape(plan.kept), kernels::Comparison::equal);
    const Tensor count = reduce(Reduction::sum, plan, found);
    const Tensor share = pairs(kernels::Pair::divide, plan.result, out.gradient, count);
    add_gradient(x, pairs(kernels::Pair::multiply, found.shape(), found, share.reshape(plan.kept)));
  });
}

}  // namespace

Variable sum(Tape& tape, const Variable& x, const ReduceOptions& options) {
  return scaled_sum(tape, x, plan("sum", x->value.shape(), options), 1);
}

Variable mean(Tape& tape, const Variable& x, const ReduceOptions& options) {
  const Plan plan = autograd::plan("mean", x->value.shape(), options);
  return scaled_sum(tape, x, plan, share_of(plan, 0));
}

Variable variance(Tape& tape, const Variable& x, const ReduceOptions& options, float correction) {
  const Plan plan = autograd::plan("variance", x->value.shape(), options);
  const Plan keeping{plan.kept, plan.reduced, plan.kept};
  const Variable distance = subtract(tape, x, scaled_sum(tape, x, keeping, share_of(plan, 0)));
  return scaled_sum(tape, multiply(tape, distance, distance), plan, share_of(plan, correction));
}

Variable max(Tape& tape, const Variable& x, const ReduceOptions& options) {
  return extreme(tape, "max", x, options, 1);
}

Variable min(Tape& tape, const Variable& x, const ReduceOptions& options) {
  return extreme(tape, "min", x, options, -1);
}

Variable cumulative_sum(Tape& tape, const Variable& x, Index axis) {
  const auto sizes = around(x->value.shape(), axis_of("cumulative_sum", x->value.shape(), axis));
  Tensor y = Tensor::empty(x->value.shape());
  kernels::cumulative_sum(x->value.data(), sizes, false, y.data());
  return tape.record(std::move(y), {x}, [x, sizes](const Node& out) {
    // an element is in its own sum and in all that follow
    Tensor dx = Tensor::empty(out.value.shape());
    kernels::cumulative_sum(out.gradient.data(), sizes, true, dx.data());
    add_gradient(x, dx);
  });
}

Variable weighted_total(Tape& tape, const Variable& x, const Tensor& weights) {
  expect_shape("weighted_total", "weights", weights.shape(), x->value.shape());
  double total = 0;
  for (Index i = 0; i < x->value.count(); ++i) {
    total += static_cast<double>(weights.data()[i]) * static_cast<double>(x->value.data()[i]);
  }
  return tape.record(
      Tensor::full({1}, static_cast<float>(total)), {x}, [x, weights](const Node& out) {
        kernels::axpy(out.gradient.data()[0], weights.data(), x->grad().data(), weights.count());
      });
}

}  // namespace regard::autograd
