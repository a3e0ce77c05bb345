// SPDX-License-Identifier: MIT
#include <algorithm>

#include "attention/product.h"
#include "attention/readable.h"
#include "kernels/dropout.h"
#include "kernels/elementwise.h"
#include "kernels/softcap.h"
#include "kernels/softmax.h"
#include "tensor/parallel.h"

namespace regard::attention {

namespace {

// The capped scores of all heads again, for backward.
Tensor capped_scores(const Plan& plan) {
  const Operands& operands = plan.operands;
  const auto [B, H, kv_heads, L, P, S, D, Dk, Dv] = operands.sizes;
  const AttentionOptions& options = plan.options;
  Tensor capped;
  if (plan.is_product()) {
    capped = Tensor::empty({B, H, L, S});
    Tensor packed = Tensor::empty({kernels::packed_size(D, S)});
    for (Index b = 0; b < B; ++b) {
      for (Index h = 0; h < H; ++h) {
        score_head(plan, operands.q, operands.k, b, h, S, plan.scale, packed.data(),
                   capped.data() + (b * H + h) * L * S);
      }
    }
  } else {
    capped = scores(gathered(operands.q, B, H, L, D), gathered(operands.k, B, kv_heads, S, Dk),
                    options.score, options.score_parameters, plan.scale);
  }
  kernels::softcap_row(capped.data(), options.softcap, capped.data(), capped.count());
  return capped;
}

}  // namespace

AttentionGradients readable_backward(const Plan& plan, const Attention& forward,
                                     const Attention& gradients) {
  const AttentionOptions& options = plan.options;
  const Operands& operands = plan.operands;
  const auto [B, H, kv_heads, L, P, S, D, Dk, Dv] = operands.sizes;
  const Heads &q = operands.q, &k = operands.k, &v = operands.v;
  const Index count = L * S;

  AttentionGradients result;
  result.q = Tensor::zeros(operands.queries);
  result.k = Tensor::zeros(operands.keys.shape());
  result.v = Tensor::zeros(operands.values.shape());
  const MutableHeads dq = query_heads(result.q, operands);
  const MutableHeads dk = all_key_heads(result.k, operands);
  const MutableHeads dv = all_key_heads(result.v, operands);
  if (options.bias.defined()) result.bias = Tensor::zeros(options.bias.shape());

  const Tensor& undropped = options.dropout > 0 ? forward.undropped : forward.weights;
  Tensor dscores = Tensor::empty({B, H, L, S});
  const Index room = std::max({kernels::packed_size(Dv, S), kernels::packed_size(L, Dv),
                               kernels::packed_size(S, D), kernels::packed_size(L, D),
                               kernels::packed_size(D, S)});
  Tensor workspace = Tensor::empty({B * kv_heads, room});
  const Index group = H / kv_heads;

  // Calls body(b, kv, h, packed, dscores) for every head; those that share keys run one after the
  // other, and all do if they add to one bias.
  const auto for_heads = [&](bool one_by_one, const auto& body) {
    const Index grain = one_by_one ? B * kv_heads : heads_per_grain(operands.sizes);
    parallel_for(B * kv_heads, std::max<Index>(grain, 1), [&](Index begin, Index end) {
      for (Index at = begin; at < end; ++at) {
        const Index b = at / kv_heads, kv = at % kv_heads;
        for (Index h = kv * group; h < (kv + 1) * group; ++h) {
          body(b, kv, h, workspace.data() + begin * room, dscores.data() + (b * H + h) * count);
        }
      }
    });
  };

  // output = weights V, so dV += weightsᵀ dO and dW = dO Vᵀ
  for_heads(false, [&](Index b, Index kv, Index h, float* packed, float* dweights) {
    const Index at = (b * H + h) * count;
    const float* weights = forward.weights.data() + at;
    if (gradients.output.defined()) {
      const Heads doutput = query_heads(gradients.output, operands);
      const float* dout = doutput.at(b, h);
      const RightOperand right = right_operand({dout, doutput.row, 1}, L, Dv, packed);
      product({weights, 1, S}, right, {S, Dv, L}, dv.at(b, kv), dv.row, {.accumulate = true});
      kernels::pack({v.at(b, kv), 1, v.row}, Dv, S, packed);
      kernels::matmul_serial({dout, doutput.row, 1}, packed, {L, S, Dv}, dweights, S);
    } else {
      std::fill_n(dweights, count, 0.0f);
    }
    if (gradients.weights.defined()) {
      kernels::add_in_place(gradients.weights.data() + at, dweights, count);
    }
    if (options.dropout > 0) {
      kernels::dropout(dweights, dweights, count, options.dropout, options.seed, at);
    }
    if (options.alignment != Alignment::softmax) return;
    for (Index l = 0; l < L; ++l) {
      const float* row = undropped.data() + at + l * S;
      kernels::softmax_row_backward(row, dweights + l * S, dweights + l * S, S);
    }
  });

  if (options.alignment != Alignment::softmax) {
    AlignmentGradients aligned =
        align_backward(dscores, undropped.reshape({B, H, L, S}), gathered(q, B, H, L, D),
                       options.alignment, options.alignment_options, plan.places());
    dscores = aligned.masked;
    result.position_weight = aligned.position_weight;
    result.position_vector = aligned.position_vector;
    if (aligned.q.defined()) add_scattered(aligned.q, dq);
  }

  // masked = capped + bias, capped = softcap tanh(raw / softcap)
  for_heads(result.bias.defined(), [&](Index b, Index kv, Index h, float* packed, float* dscore) {
    const Index at = (b * H + h) * count;
    const auto arrive = [&](const Tensor& gradient) {
      if (gradient.defined()) kernels::add_in_place(gradient.data() + at, dscore, count);
    };
    arrive(gradients.masked);
    const bool settled = plan.visibility.keeps_gradients() && !gradients.masked.defined() &&
                         options.alignment == Alignment::softmax;
    for (Index l = 0; l < L && !settled; ++l) {
      plan.visibility.hide_backward(b, h, l, 0, S, dscore + l * S,
                                    result.bias.defined() ? result.bias.data() : nullptr);
    }
    arrive(gradients.capped);
    (void)kv, (void)packed;
  });
  if (options.softcap > 0) {
    const Tensor capped = capped_scores(plan);
    kernels::softcap_row_backward(capped.data(), dscores.data(), options.softcap, dscores.data(),
                                  dscores.count());
  }
  if (gradients.raw.defined()) {
    kernels::add_in_place(gradients.raw.data(), dscores.data(), dscores.count());
  }

  if (!plan.is_product()) {
    const ScoreGradients scored =
        scores_backward(dscores, gathered(q, B, H, L, D), gathered(k, B, kv_heads, S, Dk),
                        options.score, options.score_parameters, plan.scale);
    add_scattered(scored.q, dq);
    add_scattered(scored.k, dk);
    result.score_parameters = scored.parameters;
    return result;
  }

  // raw = scale Q Kᵀ, so dQ += scale dS K and dK += scale dSᵀ Q
  for_heads(false, [&](Index b, Index kv, Index h, float* packed, float* dscore) {
    kernels::scale(plan.scale, dscore, dscore, count);
    const RightOperand keys = right_operand({k.at(b, kv), k.row, 1}, S, D, packed);
    product({dscore, S, 1}, keys, {L, D, S}, dq.at(b, h), dq.row, {.accumulate = true});
    const RightOperand queries = right_operand({q.at(b, h), q.row, 1}, L, D, packed);
    product({dscore, 1, S}, queries, {S, D, L}, dk.at(b, kv), dk.row, {.accumulate = true});
  });
  return result;
}

}  // namespace regard::attention
