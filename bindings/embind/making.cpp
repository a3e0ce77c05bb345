// SPDX-License-Identifier: MIT
// Tensors from nothing, and what is done to a tensor as a thing.
#include <cmath>

#include "indices.h"
#include "kernels/elementwise.h"
#include "tensor/random.h"

namespace regard::bindings {

autograd::Indices whole_numbers(const Call& call, size_t place, const char* operand) {
  // Floats hold every whole number up to here.
  constexpr float most = 1 << 24;
  const Tensor values = call.value(place);
  Ids ids;
  ids.reserve(static_cast<size_t>(values.count()));
  for (const float value : values.values()) {
    if (!(std::fabs(value) <= most) || value != std::floor(value)) {
      throw ValueError(call.options.operation(), ": ", operand, " hold ", value,
                       ", expected whole numbers");
    }
    ids.push_back(static_cast<Id>(value));
  }
  return autograd::Indices(std::move(ids), values.shape());
}

namespace {

void full(Call& call, int) {
  call.give(Tensor::full(Shape(call.options.wholes("shape")), call.options.number("value", 0.0f)));
}

void arange(Call& call, int) {
  const double start = static_cast<double>(call.options.number("start", 0.0f));
  const double stop = static_cast<double>(call.options.number("stop"));
  const double step = static_cast<double>(call.options.number("step", 1.0f));
  const double count = std::ceil((stop - start) / step);
  if (!std::isfinite(count)) throw ValueError("arange: it has no end");
  if (count > 1e9) throw OutOfMemoryError("arange: ", count, " elements are too many");
  Tensor numbers = Tensor::empty({count > 0 ? static_cast<Index>(count) : 0});
  for (Index i = 0; i < numbers.count(); ++i) {
    numbers.data()[i] = static_cast<float>(start + step * static_cast<double>(i));
  }
  call.give(std::move(numbers));
}

void eye(Call& call, int) {
  const Index n = call.options.whole("size");
  Tensor matrix = Tensor::zeros({n, n});
  for (Index i = 0; i < n; ++i) matrix.data()[i * n + i] = 1;
  call.give(std::move(matrix));
}

// kind 0: normal, 1: uniform in 0 … 1
void random(Call& call, int kind) {
  Tensor numbers = Tensor::empty(Shape(call.options.wholes("shape")));
  Random source(call.options.seed("seed"));
  for (float& number : numbers.values()) {
    number = static_cast<float>(kind ? source.uniform() : source.normal());
  }
  call.give(std::move(numbers));
}

// A value of its own, which nothing else changes and no gradient leaves.
void detach(Call& call, int) { call.give(call.value(0).clone()); }

void parameter(Call& call, int) { call.give(autograd::variable(call.value(0).clone())); }

void clone(Call& call, int) {
  const Variable& x = call.input(0);
  call.give(call.tape.record(x->value.clone(), {x}, [x](const autograd::Node& out) {
    kernels::add_in_place(out.gradient.data(), x->grad().data(), out.gradient.count());
  }));
}

void gradient(Call& call, int) {
  const Tensor& gradient = call.input(0)->gradient;
  call.give(gradient.defined() ? autograd::constant(gradient.clone()) : nullptr);
}

void keep_gradient(Call& call, int) { call.input(0)->keeps_gradient = true; }

void backward(Call& call, int) { call.tape.backward(call.input(0)); }

constexpr Operation table[] = {
    {"full", "shape value", full},
    {"arange", "start stop step", arange},
    {"eye", "size", eye},
    {"randn", "shape seed", random, 0},
    {"rand", "shape seed", random, 1},
    {"detach", "", detach},
    {"parameter", "", parameter},
    {"clone", "", clone},
    {"grad", "", gradient},
    {"retainGrad", "", keep_gradient},
    {"backward", "", backward},
};

}  // namespace

Operations making_operations() noexcept { return table; }

}  // namespace regard::bindings
