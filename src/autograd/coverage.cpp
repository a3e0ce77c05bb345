// SPDX-License-Identifier: MIT
#include "autograd/coverage.h"

#include <utility>

#include "autograd/operands.h"

namespace regard::autograd {

namespace {

using attention::CoverageAttention;
using attention::CoverageParameters;

Tensor value_of(const Variable& input) { return input ? input->value : Tensor(); }

void pass_on(const Variable& input, const Tensor& gradient) {
  if (input) add_gradient(input, gradient);
}

}  // namespace

CoverageVariables coverage_attention(Tape& tape, const CoverageInputs& inputs,
                                     const attention::CoverageOptions& asked) {
  if (!inputs.queries || !inputs.keys || !inputs.values) {
    throw ValueError("coverage_attention: queries, keys or values are missing");
  }
  const CoverageParameters parameters{value_of(inputs.query_weight), value_of(inputs.key_weight),
                                      value_of(inputs.coverage_weight), value_of(inputs.vector),
                                      value_of(inputs.bias)};
  attention::CoverageOptions options = asked;
  options.initial = value_of(inputs.initial);
  const CoverageAttention forward = attention::coverage_attention(
      inputs.queries->value, inputs.keys->value, inputs.values->value, parameters, options);

  const std::vector<Variable> outputs = tape.record_many(
      {forward.output, forward.weights, forward.coverage, forward.loss},
      {inputs.queries, inputs.keys, inputs.values, inputs.query_weight, inputs.key_weight,
       inputs.coverage_weight, inputs.vector, inputs.bias, inputs.initial},
      [inputs, parameters, options, forward](const std::vector<Tensor>& arrived) {
        const auto gradients = attention::coverage_attention_backward(
            inputs.queries->value, inputs.keys->value, inputs.values->value, parameters, options,
            forward, {arrived[0], arrived[1], arrived[2], arrived[3]});
        pass_on(inputs.queries, gradients.q);
        pass_on(inputs.keys, gradients.k);
        pass_on(inputs.values, gradients.v);
        pass_on(inputs.query_weight, gradients.parameters.query);
        pass_on(inputs.key_weight, gradients.parameters.key);
        pass_on(inputs.coverage_weight, gradients.parameters.coverage);
        pass_on(inputs.vector, gradients.parameters.vector);
        pass_on(inputs.bias, gradients.parameters.bias);
        pass_on(inputs.initial, gradients.initial);
      });
  return {outputs[0], outputs[1], outputs[2], outputs[3]};
}

}  // namespace regard::autograd
