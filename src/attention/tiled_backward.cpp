// SPDX-License-Identifier: MIT
#include <cmath>

#include "attention/tile.h"
#include "attention/tiled.h"
#include "kernels/dot.h"
#include "kernels/dropout.h"
#include "kernels/elementwise.h"
#include "kernels/softcap.h"
#include "kernels/softmax.h"
#include "tensor/parallel.h"

namespace regard::attention {

namespace {

using TileBuffer = float[backward_queries * tile_keys];

// What one thread computes a tile in.
struct Workspace {
  alignas(64) TileBuffer capped;
  alignas(64) TileBuffer weights;
  alignas(64) TileBuffer dropped;
  alignas(64) TileBuffer dscores;
};

// Some queries of a head at the keys `seen` of a tile.
struct Place {
  const Plan& plan;
  const QueryBlock& block;
  const KeyTile& tile;
  const Visibility::Span& seen;

  Index query(Index row) const noexcept {
    const AttentionSizes& sizes = plan.operands.sizes;
    return (block.b * sizes.H + block.h) * sizes.L + block.first + row;
  }
  void drop(const float* x, float* y, Index row) const noexcept {
    const AttentionOptions& options = plan.options;
    const Index first = query(row) * plan.operands.sizes.S + tile.first + seen.begin;
    kernels::dropout(x, y, seen.end - seen.begin, options.dropout, options.seed, first);
  }
};

// The weights again, from forward's maxima and shares; in work.weights are the products.
void weigh_again(const Place& place, const float* maxima, const float* shares,
                 Workspace& work) noexcept {
  const auto& [plan, block, tile, seen] = place;
  const float factor = open_factor(plan);
  for (Index row = 0; row < block.rows; ++row) {
    const Index at = row * tile_keys;
    finish_tile_row(plan, block, row, tile, seen, factor, work.weights + at,
                    plan.options.softcap > 0 ? work.capped + at : nullptr);
    float* weights = work.weights + at + seen.begin;
    kernels::weigh_again_row(weights, maxima[row], factor, shares[row], weights,
                             seen.end - seen.begin);
    if (plan.options.dropout > 0) place.drop(weights, work.dropped + at + seen.begin, row);
  }
}

// dS = scale cap'(weights (dropout(dW) - delta)), in place of dW.
void find_dscores(const Place& place, const float* delta, float* dbias, Workspace& work) noexcept {
  const auto& [plan, block, tile, seen] = place;
  const AttentionOptions& options = plan.options;
  const Index count = seen.end - seen.begin;
  const bool settled = plan.visibility.keeps_gradients() && options.softcap == 0;
  for (Index row = 0; row < block.rows; ++row) {
    const Index at = row * tile_keys + seen.begin;
    float* dscores = work.dscores + at;
    if (options.dropout > 0) place.drop(dscores, dscores, row);
    // a hidden value may hold anything, which its weight of 0 keeps out
    kernels::weigh_row_backward(work.weights + at, dscores, delta[row], settled ? plan.scale : 1,
                                dscores, count);
    if (settled) continue;
    plan.visibility.hide_backward(block.b, block.h, block.first + row, tile.first + seen.begin,
                                  count, dscores, dbias);
    if (options.softcap > 0) {
      kernels::softcap_row_backward(work.capped + at, dscores, options.softcap, dscores, count);
    }
    if (plan.scale != 1) kernels::scale(plan.scale, dscores, dscores, count);
  }
}

}  // namespace

AttentionGradients tiled_backward(const Plan& plan, const Attention& forward,
                                  const Tensor& doutput_tensor) {
  const Operands& operands = plan.operands;
  const auto [B, H, kv_heads, L, P, S, D, Dk, Dv] = operands.sizes;
  const AttentionSizes& sizes = operands.sizes;

  AttentionGradients result;
  result.q = Tensor::zeros(operands.queries);
  result.k = Tensor::zeros(operands.keys.shape());
  result.v = Tensor::zeros(operands.values.shape());
  if (plan.options.bias.defined()) result.bias = Tensor::zeros(plan.options.bias.shape());
  float* const dbias = result.bias.defined() ? result.bias.data() : nullptr;
  const MutableHeads dq = query_heads(result.q, operands);
  const MutableHeads dk = all_key_heads(result.k, operands);
  const MutableHeads dv = all_key_heads(result.v, operands);
  const Heads output = query_heads(forward.output, operands);
  const Heads doutput = query_heads(doutput_tensor, operands);

  using As = PackedTiles::As;
  const Index group = H / std::max<Index>(kv_heads, 1), pairs = B * kv_heads;
  const PackedTiles key_columns(operands.k, sizes, D, As::columns, {0, pairs});
  const PackedTiles key_rows(operands.k, sizes, D, As::rows, {0, pairs});
  const PackedTiles value_columns(operands.v, sizes, Dv, As::columns, {0, pairs});
  const Index q_room = kernels::packed_size(backward_queries, D);
  const Index room = q_room + kernels::packed_size(backward_queries, Dv);
  Tensor packed_all = Tensor::empty({pairs, room});

  const auto run_block = [&](const QueryBlock& block, Index pair, float* packed) {
    static thread_local Workspace work;
    const Index b = block.b, h = block.h, kv = pair % kv_heads;
    const Index at = (b * H + h) * L + block.first;
    const float* maxima = forward.maxima.data() + at;
    const float* shares = forward.shares.data() + at;
    const float* dout = doutput.at(b, h) + block.first * doutput.row;
    const float* out = output.at(b, h) + block.first * output.row;
    const Heads& q = operands.q;
    const kernels::MatrixView query_rows{q.at(b, h) + block.first * q.row, q.row, 1};
    const RightOperand queries = right_operand(query_rows, block.rows, D, packed);
    const RightOperand douts =
        right_operand({dout, doutput.row, 1}, block.rows, Dv, packed + q_room);

    // delta = rowsum(weights dW) = dO · O
    float delta[backward_queries];
    for (Index row = 0; row < block.rows; ++row) {
      delta[row] = kernels::dot(dout + row * doutput.row, out + row * output.row, Dv);
    }

    const BlockSpans spans(plan, block);
    const auto tiles = spans.tiles();
    for (Index t = tiles.begin; t < tiles.end; ++t) {
      const KeyTile tile = key_tile(t, S);
      const auto seen = spans.in_tile(tile, 0, block.rows);
      if (seen.begin == seen.end) continue;
      const Place place{plan, block, tile, seen};
      tile_products(plan, block, 0, block.rows, tile, seen, key_columns.at(pair, t), work.weights);
      weigh_again(place, maxima, shares, work);

      // output = weights V, so dV += weightsᵀ dO and dW = dO Vᵀ
      const Index n = seen.end - seen.begin, rows = block.rows, first = tile.first + seen.begin;
      const float* weights = plan.options.dropout > 0 ? work.dropped : work.weights;
      product({weights + seen.begin, 1, tile_keys}, douts, {n, Dv, rows},
              dv.at(b, kv) + first * dv.row, dv.row, {.accumulate = true});
      const Index start = kernels::tile_start(seen.begin);
      kernels::matmul_serial({dout, doutput.row, 1}, value_columns.at(pair, t).as_packed,
                             {rows, seen.end - start, Dv}, work.dscores + start, tile_keys,
                             {.part = {.k = Dv, .n = tile.count, .column = start}});
      find_dscores(place, delta, dbias, work);

      // scores = scale Q Kᵀ, so dQ += dS K and dK += dSᵀ Q
      product({work.dscores + seen.begin, tile_keys, 1}, key_rows.at(pair, t), {rows, D, n},
              dq.at(b, h) + block.first * dq.row, dq.row,
              {.accumulate = true, .part = {.k = tile.count, .n = D, .row = seen.begin}});
      product({work.dscores + seen.begin, 1, tile_keys}, queries, {n, D, rows},
              dk.at(b, kv) + first * dk.row, dk.row, {.accumulate = true});
    }
  };

  // Heads that share keys run one after the other, and all do if they add to one bias.
  parallel_for(pairs, dbias ? std::max<Index>(pairs, 1) : 1, [&](Index begin, Index end) {
    for (Index pair = begin; pair < end; ++pair) {
      for (Index g = 0; g < group; ++g) {
        for (Index first = 0; first < L; first += backward_queries) {
          const QueryBlock block{pair / kv_heads, pair % kv_heads * group + g, first,
                                 std::min(backward_queries, L - first)};
          run_block(block, pair, packed_all.data() + pair * room);
        }
      }
    }
  });
  return result;
}

}  // namespace regard::attention
