// SPDX-License-Identifier: MIT
#include "layers/additive_attention.h"

#include "autograd/arrangement.h"

namespace regard::layers {

namespace {

AdditiveOptions checked(const AdditiveOptions& options) {
  if (options.query_width < 1 || options.key_width < 1 || options.M < 1) {
    throw ValueError("additive_attention: queries are ", options.query_width, " wide, keys ",
                     options.key_width, ", the hidden layer ", options.M,
                     ", expected at least 1 each");
  }
  return options;
}

}  // namespace

AdditiveAttention::AdditiveAttention(const AdditiveOptions& options, Initializer& initializer)
    : options_(checked(options)),
      query_(initializer.projection(options.M, options.query_width)),
      key_(initializer.projection(options.M, options.key_width)),
      vector_(initializer.projection(1, options.M)) {}

autograd::AttentionVariables AdditiveAttention::forward(
    Pass& pass, const Variable& queries, const Variable& keys, const Variable& values,
    const attention::AttentionOptions& options) const {
  attention::AttentionOptions all = options;
  all.score = attention::Score::additive;
  if (pass.training && options_.dropout > 0) {
    all.dropout = options_.dropout;
    all.seed = pass.next_seed();
  }
  return autograd::attention(pass.tape,
                             {.queries = queries,
                              .keys = keys,
                              .values = values,
                              .score_query = query_,
                              .score_key = key_,
                              .score_vector = autograd::reshape(pass.tape, vector_, {options_.M})},
                             all);
}

void AdditiveAttention::collect(const std::string& prefix, Parameters& parameters) const {
  parameters.emplace_back(under(prefix, "W_q.weight"), query_);
  parameters.emplace_back(under(prefix, "W_k.weight"), key_);
  parameters.emplace_back(under(prefix, "w_v.weight"), vector_);
}

}  // namespace regard::layers
