// SPDX-License-Identifier: MIT
// What networks are made of, besides products and attention.
#include "autograd/arithmetic.h"
#include "autograd/arrangement.h"
#include "autograd/dropout.h"
#include "autograd/loss.h"
#include "autograd/normalization.h"
#include "autograd/product.h"
#include "autograd/reduction.h"
#include "indices.h"

namespace regard::bindings {
namespace {

void embedding(Call& call, int) {
  const autograd::Indices ids = whole_numbers(call, 0, "ids");
  const Variable& table = call.input(1);
  if (table->value.shape().rank() != 2) {
    throw ShapeError("embedding: the table is ", table->value.shape(), ", expected (V, M)");
  }
  std::vector<Index> sizes(ids.shape.begin(), ids.shape.end());
  sizes.push_back(table->value.size(1));
  const Variable rows = autograd::embedding(call.tape, ids.ids, 1, table, 1.0f);
  call.give(autograd::reshape(call.tape, rows, Shape(sizes)));
}

void layer_norm(Call& call, int) {
  const Variable& x = call.input(0);
  const auto or_filled = [&](size_t place, float value) {
    const Variable given = call.optional_input(place);
    return given ? given : autograd::constant(Tensor::full({x->value.shape().back()}, value));
  };
  call.give(autograd::layer_norm(call.tape, x, or_filled(1, 1), or_filled(2, 0),
                                 call.options.number("epsilon", 1e-5f)));
}

void dropout(Call& call, int) {
  call.give(autograd::dropout(call.tape, call.input(0), call.options.number("p"),
                              call.options.seed("seed")));
}

void cross_entropy(Call& call, int) {
  const autograd::Indices targets = whole_numbers(call, 1, "targets");
  const Shape& logits = call.input(0)->value.shape();
  std::vector<Index> rows(logits.begin(), logits.end());
  if (!rows.empty()) rows.pop_back();
  expect_shape("crossEntropy", "targets", targets.shape, Shape(rows));
  const kernels::CrossEntropyOptions options{
      .ignore = static_cast<Id>(call.options.whole("ignore", -100)),
      .smoothing = call.options.number("smoothing", 0.0f)};
  const Variable loss = autograd::cross_entropy(call.tape, call.input(0), targets.ids, options,
                                                autograd::Logits::keep);
  call.give(autograd::reshape(call.tape, loss, Shape()));
}

// What a layer of a model in int8 computes, its weight quantized on the spot: for tests of the
// bits.
void int8_linear(Call& call, int) {
  const Tensor &x = call.value(0), &weight = call.value(1);
  if (weight.shape().rank() != 2) {
    throw ShapeError("int8Linear: weight is ", weight.shape(), ", expected (N, K)");
  }
  autograd::Variable quantized = autograd::quantized_variable(weight.size(0), weight.size(1));
  quantized->quantized->quantize(weight);
  Tape forgets(Tape::Mode::forget);
  call.give(autograd::linear(forgets, autograd::constant(x), quantized, call.optional_input(2)));
}

void mean_square(Call& call, int) {
  expect_shape("mse", "target", call.value(1).shape(), call.value(0).shape());
  const Variable error = autograd::subtract(call.tape, call.input(0), call.input(1));
  call.give(autograd::mean(call.tape, autograd::multiply(call.tape, error, error)));
}

constexpr Operation table[] = {
    {"embedding", "", embedding},   {"layerNorm", "epsilon", layer_norm},
    {"dropout", "p seed", dropout}, {"crossEntropy", "ignore smoothing", cross_entropy},
    {"mse", "", mean_square},       {"int8Linear", "", int8_linear},
};

}  // namespace

Operations network_operations() noexcept { return table; }

}  // namespace regard::bindings
