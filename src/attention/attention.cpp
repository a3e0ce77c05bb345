// SPDX-License-Identifier: MIT
#include "attention/attention.h"

#include <algorithm>

#include "attention/readable.h"
#include "attention/tiled.h"
#include "kernels/elementwise.h"

namespace regard::attention {

namespace {

// Rows begin … begin + rows - 1 of every head of x (B, H, all, width).
Tensor rows_of(const Tensor& x, Index begin, Index rows) {
  const Heads heads = heads_of(x);
  return gathered({heads.data + begin * heads.row, heads.batch, heads.head, heads.row}, x.size(0),
                  x.size(1), rows, x.size(3));
}

// Parts the gradient of keys or values that the past was put before: `all` keeps what is not past.
void part_past(Tensor& all, Tensor& past, const Tensor& dpresent, const Operands& operands,
               const Shape& shape) {
  if (dpresent.defined()) kernels::add_in_place(dpresent.data(), all.data(), all.count());
  const Index P = operands.sizes.P, rows = operands.sizes.S - P;
  past = rows_of(all, 0, P);
  Tensor now = Tensor::zeros(shape);
  add_scattered(rows_of(all, P, rows), key_heads(now, operands));
  all = now;
}

}  // namespace

Attention attention(const Tensor& q, const Tensor& k, const Tensor& v,
                    const AttentionOptions& options) {
  const Plan plan(q, k, v, options);
  Attention result = plan.is_tiled() ? tiled_attention(plan) : readable_attention(plan);
  if (options.past_key.defined()) {
    result.present_key = plan.operands.keys;
    result.present_value = plan.operands.values;
  }
  return result;
}

AttentionGradients attention_backward(const Tensor& q, const Tensor& k, const Tensor& v,
                                      const AttentionOptions& options, const Attention& forward,
                                      const Attention& gradients) {
  expect_differentiable(options.alignment);
  if (!options.edits.empty()) {
    throw ValueError("attention: what an edit has replaced has no gradient");
  }
  const Plan plan(q, k, v, options);
  AttentionGradients result;
  if (forward.shares.defined()) {
    const Tensor& arrived = gradients.output;
    result = tiled_backward(plan, forward,
                            arrived.defined() ? arrived : Tensor::zeros(plan.operands.output));
  } else {
    result = readable_backward(plan, forward, gradients);
  }
  if (options.past_key.defined()) {
    part_past(result.k, result.past_key, gradients.present_key, plan.operands, k.shape());
    part_past(result.v, result.past_value, gradients.present_value, plan.operands, v.shape());
  }
  return result;
}

}  // namespace regard::attention
