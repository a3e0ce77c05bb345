// SPDX-License-Identifier: MIT
#include "autograd/attention.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "tensor/stopwatch.h"

namespace regard::autograd {

namespace {

using attention::Attention;
using attention::AttentionGradients;
using attention::AttentionOptions;

Tensor value_of(const Variable& variable) { return variable ? variable->value : Tensor(); }

bool has_more(const AttentionInputs& inputs) noexcept {
  const Variable* all[] = {
      &inputs.bias,      &inputs.past_key,     &inputs.past_value,      &inputs.score_query,
      &inputs.score_key, &inputs.score_vector, &inputs.position_weight, &inputs.position_vector};
  return std::any_of(std::begin(all), std::end(all), [](const Variable* one) { return !!*one; });
}

// The options with the inputs' tensors in their places.
AttentionOptions with_inputs(AttentionOptions options, const AttentionInputs& inputs) {
  const auto place = [](Tensor& option, const Variable& input) {
    if (input) option = input->value;
  };
  place(options.bias, inputs.bias);
  place(options.past_key, inputs.past_key);
  place(options.past_value, inputs.past_value);
  place(options.score_parameters.query, inputs.score_query);
  place(options.score_parameters.key, inputs.score_key);
  place(options.score_parameters.vector, inputs.score_vector);
  place(options.alignment_options.position_weight, inputs.position_weight);
  place(options.alignment_options.position_vector, inputs.position_vector);
  return options;
}

void add_gradient(const Variable& input, const Tensor& gradient) {
  if (!input || !input->needs_gradient || !gradient.defined()) return;
  input->add_gradient(gradient);
}

}  // namespace

AttentionVariables attention(Tape& tape, const AttentionInputs& inputs,
                             const AttentionOptions& asked) {
  const Timed timed(Work::attention);
  std::optional<AttentionOptions> placed;
  if (has_more(inputs)) placed = with_inputs(asked, inputs);
  const AttentionOptions& options = placed ? *placed : asked;
  const Tensor q = inputs.queries->value, k = inputs.keys->value, v = inputs.values->value;
  const Attention forward = attention::attention(q, k, v, options);

  const std::initializer_list<Variable> sources = {inputs.queries,        inputs.keys,
                                                   inputs.values,         inputs.bias,
                                                   inputs.past_key,       inputs.past_value,
                                                   inputs.score_query,    inputs.score_key,
                                                   inputs.score_vector,   inputs.position_weight,
                                                   inputs.position_vector};
  // What is not recorded is not copied for backward either.
  if (!tape.records(std::span(sources.begin(), sources.size()))) {
    const auto given = [](const Tensor& x) { return x.defined() ? constant(x) : nullptr; };
    return {.output = given(forward.output),
            .raw = given(forward.raw),
            .capped = given(forward.capped),
            .masked = given(forward.masked),
            .weights = asked.weights ? given(forward.weights) : nullptr,
            .present_key = given(forward.present_key),
            .present_value = given(forward.present_value)};
  }

  const std::vector<Variable> outputs = tape.record_many(
      {forward.output, forward.raw, forward.capped, forward.masked,
       asked.weights ? forward.weights : Tensor(), forward.present_key, forward.present_value},
      sources, [inputs, options, forward](const std::vector<Tensor>& arrived) {
        const Timed timed_back(Work::attention);
        Attention gradients;
        gradients.output = arrived[0];
        gradients.raw = arrived[1];
        gradients.capped = arrived[2];
        gradients.masked = arrived[3];
        gradients.weights = arrived[4];
        gradients.present_key = arrived[5];
        gradients.present_value = arrived[6];
        const AttentionGradients result =
            attention::attention_backward(value_of(inputs.queries), value_of(inputs.keys),
                                          value_of(inputs.values), options, forward, gradients);
        add_gradient(inputs.queries, result.q);
        add_gradient(inputs.keys, result.k);
        add_gradient(inputs.values, result.v);
        add_gradient(inputs.bias, result.bias);
        add_gradient(inputs.past_key, result.past_key);
        add_gradient(inputs.past_value, result.past_value);
        add_gradient(inputs.score_query, result.score_parameters.query);
        add_gradient(inputs.score_key, result.score_parameters.key);
        add_gradient(inputs.score_vector, result.score_parameters.vector);
        add_gradient(inputs.position_weight, result.position_weight);
        add_gradient(inputs.position_vector, result.position_vector);
      });
  return {.output = outputs[0],
          .raw = outputs[1],
          .capped = outputs[2],
          .masked = outputs[3],
          .weights = outputs[4],
          .present_key = outputs[5],
          .present_value = outputs[6]};
}

}  // namespace regard::autograd
