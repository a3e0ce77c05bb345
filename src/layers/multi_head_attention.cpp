// SPDX-License-Identifier: MIT
#include "layers/multi_head_attention.h"

#include "autograd/operations.h"

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
  const Variable context =
      autograd::attention(pass.tape, query_.forward(pass, query), key_.forward(pass, memory),
                          value_.forward(pass, memory), heads_, options, weights);
  return output_.forward(pass, context);
}

Variable MultiHeadAttention::project_keys(Pass& pass, const Variable& memory) const {
  return key_.forward(pass, memory);
}

Variable MultiHeadAttention::project_values(Pass& pass, const Variable& memory) const {
  return value_.forward(pass, memory);
}

Variable MultiHeadAttention::step(Pass& pass, const Variable& query,
                                  const attention::CachedKeys& cached, Tensor& weights) const {
  const Variable q = query_.forward(pass, query);
  return output_.forward(
      pass, autograd::constant(attention::cached_attention(q->value, cached, heads_, weights)));
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
