// SPDX-License-Identifier: MIT
#include "layers/multi_head_attention.h"

#include "autograd/operations.h"
#include "layers/probe.h"

namespace regard::layers {

namespace {

Index expect_divides(Index M, Index H) {
  if (H < 1 || M % H != 0) {
    throw ValueError("multi_head_attention: ", H, " heads do not divide a width of ", M);
  }
  return H;
}

}  // namespace

MultiHeadAttention::MultiHeadAttention(Index M, Index H, Initializer& initializer)
    : heads_(expect_divides(M, H)),
      query_(M, M, initializer),
      key_(M, M, initializer),
      value_(M, M, initializer),
      output_(M, M, initializer) {}

Variable MultiHeadAttention::forward(Pass& pass, const Variable& query, const Variable& memory,
                                     const attention::AttentionOptions& options,
                                     Tensor* weights) const {
  attention::AttentionOptions split = options;
  split.heads = heads_;
  split.weights = weights != nullptr;
  const auto attended = autograd::attention(pass.tape,
                                            {.queries = query_.forward(pass, query),
                                             .keys = key_.forward(pass, memory),
                                             .values = value_.forward(pass, memory)},
                                            split);
  if (weights) *weights = attended.weights->value;
  return output_.forward(pass, attended.output);
}

Variable MultiHeadAttention::project_keys(Pass& pass, const Variable& memory) const {
  const Variable keys = key_.forward(pass, memory);
  if (pass.probe) pass.probe->edit_rows(attention::Stage::keys, keys->value, heads_);
  return keys;
}

Variable MultiHeadAttention::project_values(Pass& pass, const Variable& memory) const {
  const Variable values = value_.forward(pass, memory);
  if (pass.probe) pass.probe->edit_rows(attention::Stage::values, values->value, heads_);
  return values;
}

Variable MultiHeadAttention::step(Pass& pass, const Variable& query,
                                  const attention::CachedKeys& cached, Tensor& weights) const {
  const Variable q = query_.forward(pass, query);
  std::optional<attention::CachedEdits> edits;
  if (pass.probe) edits = pass.probe->cached_edits();
  return output_.forward(pass, autograd::constant(attention::cached_attention(
                                   q->value, cached, heads_, weights, edits ? &*edits : nullptr)));
}

void MultiHeadAttention::collect(const std::string& prefix, Parameters& parameters) const {
  key_.collect(prefix + ".k_proj", parameters);
  value_.collect(prefix + ".v_proj", parameters);
  query_.collect(prefix + ".q_proj", parameters);
  output_.collect(prefix + ".out_proj", parameters);
}

void MultiHeadAttention::prepack() {
  query_.prepack();
  key_.prepack();
  value_.prepack();
  output_.prepack();
}

}  // namespace regard::layers
