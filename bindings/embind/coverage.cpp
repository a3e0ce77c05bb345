// SPDX-License-Identifier: MIT
// Attention that remembers where it has looked.
#include "autograd/coverage.h"

#include "operation.h"

namespace regard::bindings {
namespace {

// The places of tensors: as crossing() in coverage.ts has them.
enum Place : size_t { queries, keys, values, query, key, coverage, vector, bias, initial, mask };

void attend(Call& call, int) {
  const auto input = [&](Place place) { return call.input(place); };
  attention::CoverageOptions options;
  options.key_lengths = call.options.wholes("keyLengths");
  options.mask = call.optional_value(mask);
  const autograd::CoverageVariables result =
      autograd::coverage_attention(call.tape,
                                   {.queries = input(queries),
                                    .keys = input(keys),
                                    .values = input(values),
                                    .query_weight = input(query),
                                    .key_weight = input(key),
                                    .coverage_weight = input(coverage),
                                    .vector = input(vector),
                                    .bias = call.optional_input(bias),
                                    .initial = call.optional_input(initial)},
                                   options);
  for (const Variable& output : {result.output, result.weights, result.coverage, result.loss}) {
    call.give(output);
  }
}

constexpr Operation table[] = {{"coverageAttention", "keyLengths", attend}};

}  // namespace

Operations coverage_operations() noexcept { return table; }

}  // namespace regard::bindings
