// SPDX-License-Identifier: MIT
#include "attention/scaled_dot_product.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "kernels/elementwise.h"
#include "kernels/softmax.h"
#include "tensor/parallel.h"

namespace regard::attention {

namespace {

using kernels::MatrixView;

float scale_of(const AttentionSizes& sizes, const AttentionOptions& options) {
  return options.scale.value_or(1.0f / std::sqrt(static_cast<float>(sizes.D)));
}

Index keys_of(Index b, const AttentionSizes& sizes, const AttentionOptions& options) {
  return options.key_lengths.empty() ? sizes.S : options.key_lengths[static_cast<size_t>(b)];
}

// How many keys query l sees, of the `keys` that are there.
Index visible_keys(Index l, Index keys, const AttentionSizes& sizes, Causal causal) {
  if (causal == Causal::none) return keys;
  const Index offset = causal == Causal::top_left ? 0 : sizes.S - sizes.L;
  return std::clamp<Index>(l + 1 + offset, 0, keys);
}

void expect_lengths(const AttentionSizes& sizes, const AttentionOptions& options) {
  const auto& lengths = options.key_lengths;
  if (lengths.empty()) return;
  if (static_cast<Index>(lengths.size()) != sizes.B) {
    throw ValueError("attention: key_lengths has " + std::to_string(lengths.size()) +
                     " entries, expected one for each of the " + std::to_string(sizes.B) +
                     " batches");
  }
  for (const Index length : lengths) {
    if (length < 0 || length > sizes.S) {
      throw ValueError("attention: a key length is " + std::to_string(length) + ", expected 0 to " +
                       std::to_string(sizes.S));
    }
  }
}

constexpr Index matrices_per_range = 4;

}  // namespace

Attention scaled_dot_product_attention(const Tensor& q, const Tensor& k, const Tensor& v,
                                       const AttentionOptions& options) {
  const auto expect_rank = [](const char* operand, const Tensor& x) {
    if (x.shape().rank() == 4) return;
    throw ShapeError(std::string("attention: ") + operand + " are " + x.shape().to_string() +
                     ", expected four axes (B, H, rows, width)");
  };
  expect_rank("queries", q);
  expect_rank("keys", k);
  expect_rank("values", v);
  const AttentionSizes sizes{.B = q.size(0),
                             .H = q.size(1),
                             .L = q.size(2),
                             .S = k.size(2),
                             .D = q.size(3),
                             .Dv = v.size(3)};
  const auto expect = [](const char* operand, const Tensor& x, const Shape& shape) {
    if (x.shape() == shape) return;
    throw ShapeError(std::string("attention: ") + operand + " are " + x.shape().to_string() +
                     ", expected " + shape.to_string());
  };
  expect("keys", k, {sizes.B, sizes.H, sizes.S, sizes.D});
  expect("values", v, {sizes.B, sizes.H, sizes.S, sizes.Dv});

  Attention result{Tensor::empty({sizes.B, sizes.H, sizes.L, sizes.Dv}),
                   Tensor::empty({sizes.B, sizes.H, sizes.L, sizes.S})};
  attend(heads_of(q), heads_of(k), heads_of(v), sizes, options, heads_of(result.output),
         result.weights);
  return result;
}

void attend(const Heads& q, const Heads& k, const Heads& v, const AttentionSizes& sizes,
            const AttentionOptions& options, const MutableHeads& output, Tensor& weights) {
  expect_lengths(sizes, options);
  const auto [B, H, L, S, D, Dv] = sizes;
  const float scale = scale_of(sizes, options);
  const Index room = std::max(kernels::packed_size(D, S), kernels::packed_size(S, Dv));
  Tensor workspace = Tensor::empty({B * H, room});
  float* const packed_all = workspace.data();
  float* const weights_all = weights.data();

  parallel_for(B * H, matrices_per_range, [&](Index begin, Index end) {
    for (Index matrix = begin; matrix < end; ++matrix) {
      const Index b = matrix / H, h = matrix % H;
      const Index keys = keys_of(b, sizes, options);
      float* packed = packed_all + matrix * room;
      float* weight = weights_all + matrix * L * S;

      // scores = Q Kᵀ
      kernels::pack({k.at(b, h), 1, k.row}, D, keys, packed);
      kernels::matmul_serial({q.at(b, h), q.row, 1}, packed, {L, keys, D}, weight, S);

      // weights = softmax(scale scores), 0 for what a query does not see
      for (Index l = 0; l < L; ++l) {
        float* row = weight + l * S;
        const Index visible = visible_keys(l, keys, sizes, options.causal);
        kernels::scale(scale, row, row, visible);
        kernels::softmax_row(row, row, visible);
        std::fill(row + visible, row + S, 0.0f);
      }

      // output = weights V
      kernels::pack({v.at(b, h), v.row, 1}, keys, Dv, packed);
      kernels::matmul_serial({weight, S, 1}, packed, {L, Dv, keys}, output.at(b, h), output.row);
    }
  });
}

void attend_backward(const Heads& doutput, const Heads& q, const Heads& k, const Heads& v,
                     const Tensor& weights, const AttentionSizes& sizes,
                     const AttentionOptions& options, const MutableHeads& dq,
                     const MutableHeads& dk, const MutableHeads& dv) {
  const auto [B, H, L, S, D, Dv] = sizes;
  const float scale = scale_of(sizes, options);
  const Index room = std::max({kernels::packed_size(Dv, S), kernels::packed_size(L, Dv),
                               kernels::packed_size(S, D), kernels::packed_size(L, D)});
  Tensor workspace = Tensor::empty({B * H, room});
  Tensor dscores = Tensor::empty({B * H, L * S});
  float* const packed_all = workspace.data();
  float* const dscores_all = dscores.data();

  parallel_for(B * H, matrices_per_range, [&](Index begin, Index end) {
    for (Index matrix = begin; matrix < end; ++matrix) {
      const Index b = matrix / H, h = matrix % H;
      const Index keys = keys_of(b, sizes, options);
      float* packed = packed_all + matrix * room;
      float* dscore = dscores_all + matrix * L * S;
      const float* weight = weights.data() + matrix * L * S;
      const float* dout = doutput.at(b, h);

      // output = weights V, so dV += weightsᵀ dO and dW = dO Vᵀ
      kernels::pack({dout, doutput.row, 1}, L, Dv, packed);
      kernels::matmul_serial({weight, 1, S}, packed, {keys, Dv, L}, dv.at(b, h), dv.row,
                             {.accumulate = true});
      kernels::pack({v.at(b, h), 1, v.row}, Dv, keys, packed);
      kernels::matmul_serial({dout, doutput.row, 1}, packed, {L, keys, Dv}, dscore, S);

      // weights = softmax(scale scores); hidden keys have weight 0 and so no gradient
      for (Index l = 0; l < L; ++l) {
        kernels::softmax_row_backward(weight + l * S, dscore + l * S, dscore + l * S, keys);
        kernels::scale(scale, dscore + l * S, dscore + l * S, keys);
      }

      // scores = Q Kᵀ, so dQ += dS K and dK += dSᵀ Q
      kernels::pack({k.at(b, h), k.row, 1}, keys, D, packed);
      kernels::matmul_serial({dscore, S, 1}, packed, {L, D, keys}, dq.at(b, h), dq.row,
                             {.accumulate = true});
      kernels::pack({q.at(b, h), q.row, 1}, L, D, packed);
      kernels::matmul_serial({dscore, 1, S}, packed, {keys, D, L}, dk.at(b, h), dk.row,
                             {.accumulate = true});
    }
  });
}

}  // namespace regard::attention
