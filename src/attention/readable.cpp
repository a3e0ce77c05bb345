// SPDX-License-Identifier: MIT
#include "attention/readable.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "attention/product.h"
#include "kernels/dropout.h"
#include "kernels/elementwise.h"
#include "kernels/softcap.h"
#include "kernels/softmax.h"
#include "tensor/parallel.h"

namespace regard::attention {

namespace {

using kernels::MatrixView;

// Where one head's scores go: null for steps that nobody asked for.
struct Steps {
  float* raw;
  float* capped;
  float* masked;
  float* undropped;
  float* weights;
};

float* part(Tensor& x, Index matrix, Index count) {
  return x.defined() ? x.data() + matrix * count : nullptr;
}

void keep(const float* row, float* step, Index l, Index S) {
  if (step) std::copy_n(row, S, step + l * S);
}

// The rows of one head from raw scores, in `row` at first, to weights.
class RowSteps {
 public:
  RowSteps(const Plan& plan, const Tensor& places)
      : options_(plan.options),
        visibility_(plan.visibility),
        sizes_(plan.operands.sizes),
        places_(places),
        plain_(!options_.raw && !options_.capped && !options_.masked && options_.edits.empty() &&
               options_.softcap == 0 && options_.alignment == Alignment::softmax &&
               visibility_.spans_only() && !visibility_.keeps_hidden()),
        open_(plain_ && options_.dropout == 0 && plan.is_product() && plan.scale > 0 ? plan.scale
                                                                                     : 0) {}

  // What raw scores are to be multiplied with before run().
  float scale(const Plan& plan) const { return open_ > 0 ? 1 : plan.scale; }

  // How many keys of a batch have scores that are read.
  Index keys(Index b) const {
    if (!plain_) return sizes_.S;
    Index end = 0;
    for (Index l = 0; l < sizes_.L; ++l) end = std::max(end, visibility_.span(b, l).end);
    return end;
  }

  // returns  what the weights, and so the output, are still to be multiplied with
  float run(Index b, Index h, Index l, float* row, const Steps& steps) const {
    if (open_ > 0) return weigh_span(b, l, row);
    if (plain_) {
      softmax_span(b, l, row);
    } else {
      every_step(b, h, l, row, steps);
    }
    const Index S = sizes_.S;
    if (options_.dropout > 0) {
      keep(row, steps.undropped, l, S);
      const Index first = ((b * sizes_.H + h) * sizes_.L + l) * S;
      // a row of NaN stays one
      if (S > 0 && !std::isnan(row[0])) {
        kernels::dropout(row, row, S, options_.dropout, options_.seed, first);
      }
    }
    apply(options_.edits, Stage::weights, b, h, l, S, row);
    return 1;
  }

 private:
  // The same steps as the tiled form's for its first tile, so that up to there an output does not
  // depend on whether its weights are wanted.
  float weigh_span(Index b, Index l, float* row) const {
    const auto [begin, end] = visibility_.span(b, l);
    if (begin == end && visibility_.fill_empty(b, l, row, sizes_.S)) return 1;
    const float most = kernels::row_max(row + begin, end - begin);
    const float shift = most == -std::numeric_limits<float>::infinity() ? 0.0f : most;
    const float sum = kernels::weigh_row(row + begin, shift, open_, row + begin, end - begin);
    std::fill(row, row + begin, 0.0f);
    std::fill(row + end, row + sizes_.S, 0.0f);
    if (sum != 0) return 1 / sum;
    leave_nothing(row);
    return 1;
  }

  // Nothing is hidden within the span, and nobody looks at what is outside of it.
  void softmax_span(Index b, Index l, float* row) const {
    const auto [begin, end] = visibility_.span(b, l);
    if (begin == end && visibility_.fill_empty(b, l, row, sizes_.S)) return;
    softmax(row, begin, end);
  }

  void every_step(Index b, Index h, Index l, float* row, const Steps& steps) const {
    const Index S = sizes_.S;
    apply(options_.edits, Stage::raw, b, h, l, S, row);
    keep(row, steps.raw, l, S);
    if (options_.softcap > 0) kernels::softcap_row(row, options_.softcap, row, S);
    apply(options_.edits, Stage::capped, b, h, l, S, row);
    keep(row, steps.capped, l, S);

    bool visible = visibility_.hide(b, h, l, 0, S, row);
    apply(options_.edits, Stage::masked, b, h, l, S, row);
    keep(row, steps.masked, l, S);
    // a score that was set to -infinity hides its key, as it does in a step of cached_attention
    if (edits_scores(b, h, l)) {
      const auto seen = [](float score) {
        return score != -std::numeric_limits<float>::infinity();
      };
      visible = std::any_of(row, row + S, seen);
    }

    if (!visible && visibility_.fill_empty(b, l, row, S)) return;
    if (options_.alignment == Alignment::softmax) {
      softmax(row, 0, S);
    } else {
      const Index at = (b * sizes_.H + h) * sizes_.L + l;
      const float place = places_.defined() ? places_.data()[at] : 0;
      align_row(options_.alignment, options_.alignment_options, {b, h, l, place}, row, row, S);
    }
  }

  bool edits_scores(Index b, Index h, Index l) const {
    return std::any_of(options_.edits.begin(), options_.edits.end(), [=](const Edit& edit) {
      return edit.concerns(Stage::raw, b, h, l) || edit.concerns(Stage::capped, b, h, l) ||
             edit.concerns(Stage::masked, b, h, l);
    });
  }

  // The weights of keys begin … end-1; the others get 0.
  void softmax(float* row, Index begin, Index end) const {
    const Index S = sizes_.S;
    kernels::softmax_row(row + begin, row + begin, end - begin);
    std::fill(row, row + begin, 0.0f);
    std::fill(row + end, row + S, 0.0f);
    if (std::all_of(row + begin, row + end, [](float x) { return x == 0; })) leave_nothing(row);
  }

  // Keys that are seen and all score -infinity have no distribution; nor has a row of nothing else
  // that is to go through the softmax. PyTorch gives zeros all the same.
  void leave_nothing(float* row) const {
    const bool zeros = options_.convention == ConventionName::torch;
    std::fill_n(row, sizes_.S, zeros ? 0.0f : std::numeric_limits<float>::quiet_NaN());
  }

  const AttentionOptions& options_;
  const Visibility& visibility_;
  const AttentionSizes& sizes_;
  const Tensor& places_;
  const bool plain_;
  const float open_;  // the scale, if the softmax is to apply it, else 0
};

bool edits(const AttentionOptions& options, Stage stage) {
  return std::any_of(options.edits.begin(), options.edits.end(),
                     [&](const Edit& edit) { return edit.stage == stage; });
}

// The operand as it is, or a copy with its edits.
Heads edited(const AttentionOptions& options, Stage stage, const Heads& x, Index B, Index H,
             Index rows, Index width, Tensor& copy) {
  if (!edits(options, stage)) return x;
  copy = gathered(x, B, H, rows, width);
  for (Index b = 0; b < B; ++b) {
    for (Index h = 0; h < H; ++h) {
      for (Index i = 0; i < rows; ++i) {
        apply(options.edits, stage, b, h, i, width, copy.data() + ((b * H + h) * rows + i) * width);
      }
    }
  }
  return heads_of(std::as_const(copy));
}

}  // namespace

Index heads_per_grain(const AttentionSizes& sizes) noexcept {
  return 1 + 65536 / (1 + sizes.L * sizes.S * (sizes.D + sizes.Dv));
}

void score_head(const Plan& plan, const Heads& q, const Heads& k, Index b, Index h, Index keys,
                float scale, float* packed, float* raw) {
  const AttentionSizes& sizes = plan.operands.sizes;
  const Index kv = sizes.kv_head(h), S = sizes.S;
  kernels::pack({k.at(b, kv), 1, k.row}, sizes.D, keys, packed);
  kernels::matmul_serial({q.at(b, h), q.row, 1}, packed, {sizes.L, keys, sizes.D}, raw, S);
  if (scale == 1) return;
  for (Index l = 0; l < sizes.L; ++l) {
    kernels::scale(scale, raw + l * S, raw + l * S, keys);
  }
}

Attention readable_attention(const Plan& plan) {
  const AttentionOptions& options = plan.options;
  const auto [B, H, kv_heads, L, P, S, D, Dk, Dv] = plan.operands.sizes;
  const AttentionSizes& sizes = plan.operands.sizes;
  const Shape scores_shape = plan.operands.weights();

  Attention result;
  result.output = Tensor::empty(plan.operands.output);
  result.weights = Tensor::empty(scores_shape);
  if (options.raw) result.raw = Tensor::empty(scores_shape);
  if (options.capped) result.capped = Tensor::empty(scores_shape);
  if (options.masked) result.masked = Tensor::empty(scores_shape);
  if (options.dropout > 0) result.undropped = Tensor::empty(scores_shape);

  Tensor edited_q, edited_k, edited_v;
  const Heads q = edited(options, Stage::queries, plan.operands.q, B, H, L, D, edited_q);
  const Heads k = edited(options, Stage::keys, plan.operands.k, B, kv_heads, S, Dk, edited_k);
  const Heads v = edited(options, Stage::values, plan.operands.v, B, kv_heads, S, Dv, edited_v);

  Tensor all_scores, places;
  if (!plan.is_product()) {
    all_scores = scores(gathered(q, B, H, L, D), gathered(k, B, kv_heads, S, Dk), options.score,
                        options.score_parameters, plan.scale);
  }
  if (options.alignment != Alignment::softmax) {
    places = places_of(gathered(q, B, H, L, D), S, options.alignment, options.alignment_options,
                       plan.places());
  }

  const RowSteps row_steps(plan, places);
  const Index room = std::max(kernels::packed_size(D, S), kernels::packed_size(S, Dv));
  Tensor workspace = Tensor::empty({B * H, room});
  Tensor all_shares = Tensor::empty({B * H, L});
  const MutableHeads output = query_heads(result.output, plan.operands);

  parallel_for(B * H, heads_per_grain(sizes), [&](Index begin, Index end) {
    for (Index matrix = begin; matrix < end; ++matrix) {
      const Index b = matrix / H, h = matrix % H, kv = sizes.kv_head(h), count = L * S;
      float* packed = workspace.data() + begin * room;  // over and over, so that it stays in cache
      const Steps steps{.raw = part(result.raw, matrix, count),
                        .capped = part(result.capped, matrix, count),
                        .masked = part(result.masked, matrix, count),
                        .undropped = part(result.undropped, matrix, count),
                        .weights = part(result.weights, matrix, count)};
      float* weights = steps.weights;

      // raw = scale Q Kᵀ, or the score that was asked for
      const Index keys = row_steps.keys(b);
      if (all_scores.defined()) {
        std::copy_n(all_scores.data() + matrix * count, count, weights);
      } else {
        score_head(plan, q, k, b, h, keys, row_steps.scale(plan), packed, weights);
      }

      float* shares = all_shares.data() + matrix * L;
      for (Index l = 0; l < L; ++l) shares[l] = row_steps.run(b, h, l, weights + l * S, steps);

      // output = weights V
      const RightOperand right = right_operand({v.at(b, kv), v.row, 1}, keys, Dv, packed);
      product({weights, S, 1}, right, {L, Dv, keys}, output.at(b, h), output.row);
      for (Index l = 0; l < L; ++l) {
        if (shares[l] == 1) continue;
        kernels::scale(shares[l], weights + l * S, weights + l * S, S);
        kernels::scale(shares[l], output.at(b, h) + l * output.row,
                       output.at(b, h) + l * output.row, Dv);
      }
      if (!options.edits.empty()) {
        for (Index l = 0; l < L; ++l) {
          apply(options.edits, Stage::context, b, h, l, Dv, output.at(b, h) + l * output.row);
        }
      }
    }
  });
  return result;
}

}  // namespace regard::attention
