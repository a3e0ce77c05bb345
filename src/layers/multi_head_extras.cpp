// SPDX-License-Identifier: MIT
#include "layers/multi_head_extras.h"

#include <algorithm>
#include <cmath>

#include "attention/convention.h"
#include "autograd/arithmetic.h"
#include "autograd/arrangement.h"
#include "autograd/reduction.h"

namespace regard::layers {

namespace {

using attention::AttentionOptions;

void expect_columns(const char* name, const Shape& shape, Index S) {
  if (shape.rank() > 0 && shape.back() == S) return;
  throw ShapeError("multi_head_attention: ", name, " is ", shape, ", expected (..., ", S, ")");
}

// `extra` more columns that every query sees, behind those of a mask.
Tensor widened(const char* name, const Tensor& mask, Index S, Index extra, float sees) {
  if (!mask.defined()) return mask;
  expect_columns(name, mask.shape(), S);
  const Index rows = mask.shape().rows();
  std::vector<Index> sizes(mask.shape().begin(), mask.shape().end());
  sizes.back() = S + extra;
  Tensor wide = Tensor::full(Shape(sizes), sees);
  for (Index row = 0; row < rows; ++row) {
    std::copy_n(mask.data() + row * S, S, wide.data() + row * (S + extra));
  }
  return wide;
}

// The keys (B, S, M) with a row that all batches share, (1, 1, M), behind them.
Variable appended(Tape& tape, const Variable& keys, const Variable& row) {
  std::vector<Index> sizes(keys->value.shape().begin(), keys->value.shape().end());
  sizes[sizes.size() - 2] = 1;
  const Index M = sizes.back();
  const Variable flat = autograd::reshape(tape, row, {M});
  return autograd::concatenate(tape, {keys, autograd::broadcast_to(tape, flat, Shape(sizes))}, -2);
}

// The sum of two biases; the second may be null, and where the scores are (B, H, L, S), it may be
// (B H, L, S), as PyTorch has it.
Variable sum_of_biases(Tape& tape, const Variable& first, const Variable& second, Index H) {
  if (!second) return first;
  const Shape& shape = second->value.shape();
  const bool heads = first->value.shape().rank() == 4 && shape.rank() == 3;
  if (heads && shape[0] % H != 0) {
    throw ShapeError("multi_head_attention: bias is ", shape, ", expected (B ", H, ", L, S)");
  }
  return autograd::add(
      tape, first,
      heads ? autograd::reshape(tape, second, {shape[0] / H, H, shape[1], shape[2]}) : second);
}

// A bias of keys, (B, S) or (S), for all queries and heads.
Variable spread(Tape& tape, const Variable& keys) {
  const Shape& shape = keys->value.shape();
  if (shape.rank() != 1 && shape.rank() != 2) {
    throw ShapeError("multi_head_attention: key_bias is ", shape, ", expected (B, S) or (S)");
  }
  return autograd::reshape(
      tape, keys, shape.rank() == 2 ? Shape{shape[0], 1, 1, shape[1]} : Shape{1, 1, shape.back()});
}

class Extras final : public MultiHeadExtension {
 public:
  Extras(const MultiHeadOptions& options, const MultiHeadExtras& extras, Initializer& initializer)
      : M_(options.M), H_(options.H), extras_(extras) {
    if (extras_.rotary) extras_.rotary->heads = H_;
    if (extras_.bias_kv) {
      const double deviation = 1.0 / std::sqrt(static_cast<double>(M_));
      key_bias_ = initializer.normal({1, 1, M_}, deviation);
      value_bias_ = initializer.normal({1, 1, M_}, deviation);
    }
    if (extras_.relative_keys) {
      relative_keys_.emplace(M_ / H_, *extras_.relative_keys, initializer);
    }
  }

  void extend(Pass& pass, autograd::AttentionInputs& projected,
              AttentionOptions& options) const override {
    if (extras_.rotary) {
      projected.queries = autograd::rotary(pass.tape, projected.queries, *extras_.rotary);
      projected.keys = autograd::rotary(pass.tape, projected.keys, *extras_.rotary);
    }
    if (relative_keys_) projected.bias = relative_bias(pass, projected);
    if (extras_.bias_kv || extras_.zero_kv) append_keys(pass, projected, options);
  }

  void collect(const std::string& prefix, Parameters& parameters) const override {
    if (relative_keys_) relative_keys_->collect(prefix, parameters);
    if (!extras_.bias_kv) return;
    parameters.emplace_back(under(prefix, "bias_k"), key_bias_);
    parameters.emplace_back(under(prefix, "bias_v"), value_bias_);
  }

 private:
  Variable relative_bias(Pass& pass, const autograd::AttentionInputs& inputs) const;
  void append_keys(Pass& pass, autograd::AttentionInputs& inputs, AttentionOptions& options) const;

  Index M_, H_;
  MultiHeadExtras extras_;
  Variable key_bias_, value_bias_;  // (1, 1, M), or null
  std::optional<RelativeKeys> relative_keys_;
};

// The bias, with what the queries make of how far each key is.
Variable Extras::relative_bias(Pass& pass, const autograd::AttentionInputs& inputs) const {
  const Shape& shape = inputs.queries->value.shape();
  const bool batched = shape.rank() == 3;
  const Index B = batched ? shape[0] : 1, L = inputs.queries->value.size(-2), H = H_;
  const Index S = inputs.keys->value.size(-2);
  const Variable heads = autograd::permute(
      pass.tape, autograd::reshape(pass.tape, inputs.queries, {B, L, H, M_ / H}), {0, 2, 1, 3});
  Variable bias = relative_keys_->forward(pass, heads, S);
  if (!batched) bias = autograd::reshape(pass.tape, bias, {H, L, S});
  return sum_of_biases(pass.tape, bias, inputs.bias, H);
}

void Extras::append_keys(Pass& pass, autograd::AttentionInputs& inputs,
                         AttentionOptions& options) const {
  if (options.causal || options.window != attention::Window{} || !options.key_lengths.empty()) {
    throw ValueError(
        "multi_head_attention: with bias_kv or zero_kv, keys are hidden by mask and key_mask, not "
        "by causal, window or key_lengths");
  }
  const float sees = attention::convention(options.convention).true_attends ? 1.0f : 0.0f;
  const Index extra = Index{extras_.bias_kv} + Index{extras_.zero_kv};
  const Index S = inputs.keys->value.size(-2);
  options.mask = widened("mask", options.mask, S, extra, sees);
  options.key_mask = widened("key_mask", options.key_mask, S, extra, sees);
  options.bias = widened("bias", options.bias, S, extra, 0.0f);
  if (inputs.bias) {
    expect_columns("bias", inputs.bias->value.shape(), S);
    std::vector<Index> sizes(inputs.bias->value.shape().begin(), inputs.bias->value.shape().end());
    sizes.back() = extra;
    const Variable none = autograd::constant(Tensor::zeros(Shape(sizes)));
    inputs.bias = autograd::concatenate(pass.tape, {inputs.bias, none}, -1);
  }

  const auto append = [&](const Variable& key, const Variable& value) {
    inputs.keys = appended(pass.tape, inputs.keys, key);
    inputs.values = appended(pass.tape, inputs.values, value);
  };
  if (extras_.bias_kv) append(key_bias_, value_bias_);
  if (extras_.zero_kv) {
    const Variable zeros = autograd::constant(Tensor::zeros({M_}));
    append(zeros, zeros);
  }
}

}  // namespace

std::shared_ptr<const MultiHeadExtension> with(const MultiHeadOptions& options,
                                               const MultiHeadExtras& extras,
                                               Initializer& initializer) {
  expect_heads(options);
  if (!extras.bias_kv && !extras.zero_kv && !extras.rotary && !extras.relative_keys) return nullptr;
  return std::make_shared<Extras>(options, extras, initializer);
}

Variable with_key_bias(Pass& pass, const Variable& bias, const Variable& key_bias, Index H) {
  return sum_of_biases(pass.tape, spread(pass.tape, key_bias), bias, H);
}

Variable average_heads(Pass& pass, const Variable& weights) {
  return autograd::mean(pass.tape, weights, {.axes = {-3}});
}

}  // namespace regard::layers
