// SPDX-License-Identifier: MIT
#include "layers/multi_head_attention.h"

#include <utility>

#include "attention/attention.h"
#include "layers/probe.h"

namespace regard::layers {

namespace {

using attention::AttentionOptions;

MultiHeadOptions checked(MultiHeadOptions options) {
  expect_heads(options);
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

}  // namespace

void expect_heads(const MultiHeadOptions& options) {
  if (options.H >= 1 && options.M % options.H == 0) return;
  throw ValueError("multi_head_attention: ", options.H, " heads do not divide a width of ",
                   options.M);
}

MultiHeadAttention::MultiHeadAttention(const MultiHeadOptions& options, Initializer& initializer,
                                       std::shared_ptr<const MultiHeadExtension> extension)
    : options_(checked(options)),
      query_(none()),
      key_(none()),
      value_(none()),
      output_(none()),
      extension_(std::move(extension)) {
  make_projections(initializer);
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
                                                         MultiHeadCall call) const {
  AttentionOptions& options = call.attention;
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
  if (extension_) extension_->extend(pass, projected, options);

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

void MultiHeadAttention::expect_step() const {
  const Index M = options_.M;
  const bool one_width =
      options_.query_width == M && options_.key_width == M && options_.value_width == M;
  if (!extension_ && one_width) return;
  throw ValueError(
      "multi_head_attention: there is no step with a cache for ",
      extension_ ? "rotary, relative or added keys" : "queries, keys and values of several widths");
}

KeyValueCache MultiHeadAttention::cache(Index B, Index capacity) const {
  expect_step();
  return KeyValueCache(B, options_.M, capacity);
}

Variable MultiHeadAttention::step(Pass& pass, const Variable& x, KeyValueCache& cache) const {
  const Index M = options_.M, B = cache.batch(), past = cache.length();
  expect_step();
  expect_sequence("queries", x, "L", M);
  const Shape shape = x->value.shape();
  const Index L = shape[shape.rank() - 2];
  const Shape places{shape.rank() == 2 ? 1 : shape[0], L, M};
  expect_shape("multi_head_attention", "the step", places, {B, L, cache.width()});

  const Variable rows = autograd::constant(x->value.reshape(places));
  const Tensor q = query_.forward(pass, rows)->value;
  cache.append(key_.forward(pass, rows)->value, value_.forward(pass, rows)->value);
  Tensor found;
  if (L == 1) {
    Tensor weights = Tensor::empty({B, options_.H, past + 1});
    found = attention::cached_attention(q.reshape({B, M}), cache.rows(), options_.H, weights);
  } else {
    found =
        attention::attention(q, cache.keys(), cache.values(),
                             {.heads = options_.H,
                              .key_lengths = std::vector<Index>(static_cast<size_t>(B), past + L),
                              .causal = true,
                              .origin = attention::Origin::offset,
                              .offset = past})
            .output;
  }
  return output_.forward(pass, autograd::constant(found.reshape(shape)));
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
  if (extension_) extension_->collect(prefix, parameters);
}

void MultiHeadAttention::prepack() {
  for (Linear* projection : {&query_, &key_, &value_, &output_}) projection->prepack();
}

}  // namespace regard::layers
