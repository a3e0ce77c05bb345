// SPDX-License-Identifier: MIT
#include "layers/multi_head_attention.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "attention/convention.h"
#include "autograd/arithmetic.h"
#include "autograd/arrangement.h"
#include "autograd/reduction.h"
#include "layers/probe.h"

namespace regard::layers {

namespace {

using attention::AttentionOptions;

MultiHeadOptions checked(MultiHeadOptions options) {
  if (options.H < 1 || options.M % options.H != 0) {
    throw ValueError("multi_head_attention: ", options.H, " heads do not divide a width of ",
                     options.M);
  }
  if (options.rotary) options.rotary->heads = options.H;
  for (Index* width : {&options.query_width, &options.key_width, &options.value_width}) {
    if (*width == 0) *width = options.M;
  }
  if (options.naming == Naming::torch && options.query_width != options.M) {
    throw ValueError("multi_head_attention: queries are ", options.query_width,
                     " wide, with PyTorch's names they are as wide as the heads, ", options.M);
  }
  return options;
}

void expect_sequence(const char* name, const Variable& x, const char* places, Index width) {
  const Shape& shape = x->value.shape();
  if ((shape.rank() == 2 || shape.rank() == 3) && shape.back() == width) return;
  throw ShapeError("multi_head_attention: ", name, " are ", shape, ", expected (B, ", places, ", ",
                   width, ") or (", places, ", ", width, ")");
}

// PyTorch's module answers in two ways: a query that sees no key gives NaN where weights are
// wanted, and zeros on the way that knows none.
void expect_no_weights(AttentionOptions& options) {
  const bool torch = options.convention == attention::ConventionName::torch_mha;
  if (torch && !options.empty_row) options.empty_row = attention::EmptyRow::zeros;
}

// A projection without parameters yet.
Linear none() { return Linear({}, {}, 0); }

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

}  // namespace

MultiHeadAttention::MultiHeadAttention(const MultiHeadOptions& options, Initializer& initializer)
    : options_(checked(options)), query_(none()), key_(none()), value_(none()), output_(none()) {
  make_projections(initializer);
  if (options_.bias_kv) {
    const double deviation = 1.0 / std::sqrt(static_cast<double>(options_.M));
    key_bias_ = initializer.normal({1, 1, options_.M}, deviation);
    value_bias_ = initializer.normal({1, 1, options_.M}, deviation);
  }
  if (options_.relative_keys) {
    relative_keys_.emplace(options_.M / options_.H, *options_.relative_keys, initializer);
  }
}

void MultiHeadAttention::make_projections(Initializer& initializer) {
  const Index M = options_.M, key_width = options_.key_width, value_width = options_.value_width;
  const auto zeros = [&](Index rows) {
    return options_.bias ? initializer.filled({rows}, 0.0f) : nullptr;
  };
  if (options_.naming != Naming::torch) {
    const auto projection = [&](Index inputs) {
      return Linear({initializer.attention_projection(M, inputs)}, {zeros(M)}, M);
    };
    query_ = projection(options_.query_width);
    key_ = projection(key_width);
    value_ = projection(value_width);
    output_ = projection(M);
    return;
  }
  const Index all_rows = checked_product(3, M);
  const Variable biases = zeros(all_rows);
  if (key_width == M && value_width == M) {
    const Variable all = initializer.attention_projection(all_rows, M);
    query_ = Linear({all}, {biases}, M);
    key_ = Linear({all, M}, {biases, M}, M);
    value_ = Linear({all, 2 * M}, {biases, 2 * M}, M);
  } else {
    query_ = Linear({initializer.attention_projection(M, M)}, {biases}, M);
    key_ = Linear({initializer.attention_projection(M, key_width)}, {biases, M}, M);
    value_ = Linear({initializer.attention_projection(M, value_width)}, {biases, 2 * M}, M);
  }
  output_ = Linear({initializer.projection(M, M)}, {zeros(M)}, M);
}

autograd::AttentionVariables MultiHeadAttention::forward(Pass& pass, const MultiHeadInputs& inputs,
                                                         const MultiHeadCall& call) const {
  AttentionOptions options = call.attention;
  options.heads = options_.H;
  if (pass.training && options_.dropout > 0) {
    options.dropout = options_.dropout;
    options.seed = pass.next_seed();
  }
  if (!options.weights) expect_no_weights(options);

  expect_sequence("queries", inputs.query, "L", options_.query_width);
  expect_sequence("keys", inputs.key, "S", options_.key_width);
  expect_sequence("values", inputs.value, "S", options_.value_width);
  autograd::AttentionInputs projected{.queries = query_.forward(pass, inputs.query),
                                      .keys = key_.forward(pass, inputs.key),
                                      .values = value_.forward(pass, inputs.value),
                                      .bias = call.bias};
  if (call.key_bias) {
    projected.bias =
        sum_of_biases(pass.tape, spread(pass.tape, call.key_bias), call.bias, options_.H);
  }
  if (options_.rotary) {
    projected.queries = autograd::rotary(pass.tape, projected.queries, *options_.rotary);
    projected.keys = autograd::rotary(pass.tape, projected.keys, *options_.rotary);
  }
  if (relative_keys_) projected.bias = relative_bias(pass, projected);
  if (options_.bias_kv || options_.zero_kv) append_keys(pass, projected, options);

  if (pass.probe) pass.probe->ask(pass.tape, options);
  autograd::AttentionVariables found = autograd::attention(pass.tape, projected, options);
  const Variable output = output_.forward(pass, found.output);
  if (pass.probe) pass.probe->record(projected, found, options, output->value);
  found.output = output;
  return found;
}

Variable MultiHeadAttention::forward(Pass& pass, const MultiHeadInputs& inputs,
                                     const MultiHeadCall& call, Tensor* weights) const {
  if (!weights) return forward(pass, inputs, call).output;
  MultiHeadCall asking = call;
  expect_no_weights(asking.attention);
  asking.attention.weights = true;
  const autograd::AttentionVariables found = forward(pass, inputs, asking);
  *weights = found.weights->value;
  return found.output;
}

// The bias, with what the queries make of how far each key is.
Variable MultiHeadAttention::relative_bias(Pass& pass,
                                           const autograd::AttentionInputs& inputs) const {
  const Shape& shape = inputs.queries->value.shape();
  const bool batched = shape.rank() == 3;
  const Index B = batched ? shape[0] : 1, L = inputs.queries->value.size(-2), H = options_.H;
  const Index S = inputs.keys->value.size(-2);
  const Variable heads = autograd::permute(
      pass.tape, autograd::reshape(pass.tape, inputs.queries, {B, L, H, options_.M / H}),
      {0, 2, 1, 3});
  Variable bias = relative_keys_->forward(pass, heads, S);
  if (!batched) bias = autograd::reshape(pass.tape, bias, {H, L, S});
  return sum_of_biases(pass.tape, bias, inputs.bias, H);
}

void MultiHeadAttention::append_keys(Pass& pass, autograd::AttentionInputs& inputs,
                                     AttentionOptions& options) const {
  if (options.causal || options.window != attention::Window{} || !options.key_lengths.empty()) {
    throw ValueError(
        "multi_head_attention: with bias_kv or zero_kv, keys are hidden by mask and key_mask, not "
        "by causal, window or key_lengths");
  }
  const float sees = attention::convention(options.convention).true_attends ? 1.0f : 0.0f;
  const Index extra = Index{options_.bias_kv} + Index{options_.zero_kv};
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
  if (options_.bias_kv) append(key_bias_, value_bias_);
  if (options_.zero_kv) {
    const Variable zeros = autograd::constant(Tensor::zeros({options_.M}));
    append(zeros, zeros);
  }
}

Variable MultiHeadAttention::project_keys(Pass& pass, const Variable& memory) const {
  const Variable keys = key_.forward(pass, memory);
  if (pass.probe) pass.probe->edit_rows(attention::Stage::keys, keys->value, options_.H);
  return keys;
}

Variable MultiHeadAttention::project_values(Pass& pass, const Variable& memory) const {
  const Variable values = value_.forward(pass, memory);
  if (pass.probe) pass.probe->edit_rows(attention::Stage::values, values->value, options_.H);
  return values;
}

Variable MultiHeadAttention::step(Pass& pass, const Variable& query,
                                  const attention::CachedKeys& cached, Tensor& weights) const {
  const Variable q = query_.forward(pass, query);
  std::optional<attention::CachedEdits> edits;
  if (pass.probe) edits = pass.probe->cached_edits();
  return output_.forward(
      pass, autograd::constant(attention::cached_attention(q->value, cached, options_.H, weights,
                                                           edits ? &*edits : nullptr)));
}

void MultiHeadAttention::collect(const std::string& prefix, Parameters& parameters) const {
  const auto all = [&](const char* q, const char* k, const char* v, const char* out) {
    key_.collect(under(prefix, k), parameters);
    value_.collect(under(prefix, v), parameters);
    query_.collect(under(prefix, q), parameters);
    output_.collect(under(prefix, out), parameters);
  };
  const auto add = [&](const char* name, const Variable& parameter) {
    if (parameter) parameters.emplace_back(under(prefix, name), parameter);
  };
  if (options_.naming == Naming::marian) {
    all("q_proj", "k_proj", "v_proj", "out_proj");
  } else if (options_.naming == Naming::d2l) {
    all("W_q", "W_k", "W_v", "W_o");
  } else {
    const bool joint = options_.key_width == options_.M && options_.value_width == options_.M;
    add(joint ? "in_proj_weight" : "q_proj_weight", query_.weight());
    if (!joint) {
      add("k_proj_weight", key_.weight());
      add("v_proj_weight", value_.weight());
    }
    add("in_proj_bias", query_.bias());
    output_.collect(under(prefix, "out_proj"), parameters);
  }
  if (relative_keys_) relative_keys_->collect(prefix, parameters);
  add("bias_k", key_bias_);
  add("bias_v", value_bias_);
}

void MultiHeadAttention::prepack() {
  for (Linear* projection : {&query_, &key_, &value_, &output_}) projection->prepack();
}

Variable average_heads(Pass& pass, const Variable& weights) {
  return autograd::mean(pass.tape, weights, {.axes = {-3}});
}

}  // namespace regard::layers
