// SPDX-License-Identifier: MIT
#include "layers/shared_projection_attention.h"

#include <cmath>

#include "autograd/arrangement.h"

namespace regard::layers {

namespace {

Index expect_divides(Index M, Index H) {
  if (H < 1 || M % H != 0) {
    throw ValueError("shared_projection_attention: ", H, " heads do not divide a width of ", M);
  }
  return H;
}

}  // namespace

SharedProjectionAttention::SharedProjectionAttention(Index M, Index H, Initializer& initializer)
    : M_(M),
      H_(expect_divides(M, H)),
      values_(M / H, M / H, initializer, false),
      keys_(M / H, M / H, initializer, false),
      queries_(M / H, M / H, initializer, false),
      output_(M, M, initializer) {}

Variable SharedProjectionAttention::project(Pass& pass, const Linear& projection, const Variable& x,
                                            const char* name) const {
  const Shape& shape = x->value.shape();
  if (shape.rank() != 3 || shape.back() != M_) {
    throw ShapeError("shared_projection_attention: ", name, " are ", shape, ", expected (B, ",
                     name[0] == 'q' ? "L, " : "S, ", M_, ")");
  }
  const Variable pieces = autograd::reshape(pass.tape, x, {shape[0], shape[1], H_, M_ / H_});
  return autograd::reshape(pass.tape, projection.forward(pass, pieces), shape);
}

autograd::AttentionVariables SharedProjectionAttention::forward(Pass& pass, const Variable& values,
                                                                const Variable& keys,
                                                                const Variable& query,
                                                                const Tensor& mask) const {
  const float scale = 1.0f / std::sqrt(static_cast<float>(M_));
  const attention::AttentionOptions options{
      .convention = attention::ConventionName::torch,  // masks by NumPy's rule, 1 sees
      .heads = H_,
      .scale = scale,
      .mask = mask,
      .mask_value = -1e20f * scale,
      .empty_row = attention::EmptyRow::softmax,
      .weights = true};
  autograd::AttentionVariables found =
      autograd::attention(pass.tape,
                          {.queries = project(pass, queries_, query, "queries"),
                           .keys = project(pass, keys_, keys, "keys"),
                           .values = project(pass, values_, values, "values")},
                          options);
  found.output = output_.forward(pass, found.output);
  return found;
}

void SharedProjectionAttention::collect(const std::string& prefix, Parameters& parameters) const {
  values_.collect(under(prefix, "values"), parameters);
  keys_.collect(under(prefix, "keys"), parameters);
  queries_.collect(under(prefix, "queries"), parameters);
  output_.collect(under(prefix, "fc_out"), parameters);
}

void SharedProjectionAttention::prepack() {
  for (Linear* projection : {&values_, &keys_, &queries_, &output_}) projection->prepack();
}

}  // namespace regard::layers
