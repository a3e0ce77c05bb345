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

// What one thread computes a tile in.
struct Workspace {
  alignas(64) TileBuffer capped;
  alignas(64) TileBuffer weights;
  alignas(64) TileBuffer dropped;
  alignas(64) TileBuffer dscores;
};

// The weights of a block and a tile again, from forward's maxima and shares.
void tile_weights(const Plan& plan, const QueryBlock& block, const KeyTile& tile,
                  const float* maxima, const float* shares, Workspace& work) noexcept {
  const AttentionOptions& options = plan.options;
  const AttentionSizes& sizes = plan.operands.sizes;
  for (Index row = 0; row < block.rows; ++row) {
    const Index at = row * tile_keys;
    float* weights = work.weights + at;
    std::copy_n(work.capped + at, tile.count, weights);
    hide_tile_row(plan, block, row, tile, weights);
    kernels::exp_row(weights, maxima[row], weights, tile.count);
    kernels::scale(shares[row], weights, weights, tile.count);
    if (options.dropout > 0) {
      const Index query = (block.b * sizes.H + block.h) * sizes.L + block.first + row;
      kernels::dropout(weights, work.dropped + at, tile.count, options.dropout, options.seed,
                       query * sizes.S + tile.first);
    }
  }
}

// dS = scale cap'(weights (dropout(dW) - delta)), in place of dW.
void tile_dscores(const Plan& plan, const QueryBlock& block, const KeyTile& tile,
                  const float* delta, float* dbias, Workspace& work) noexcept {
  const AttentionOptions& options = plan.options;
  const AttentionSizes& sizes = plan.operands.sizes;
  for (Index row = 0; row < block.rows; ++row) {
    const Index at = row * tile_keys, l = block.first + row;
    const float* weights = work.weights + at;
    float* dscores = work.dscores + at;
    if (options.dropout > 0) {
      const Index query = (block.b * sizes.H + block.h) * sizes.L + l;
      kernels::dropout(dscores, dscores, tile.count, options.dropout, options.seed,
                       query * sizes.S + tile.first);
    }
    // a hidden value may hold anything, which its weight of 0 keeps out
    for (Index s = 0; s < tile.count; ++s) {
      dscores[s] = weights[s] == 0 ? 0 : weights[s] * (dscores[s] - delta[row]);
    }
    plan.visibility.hide_backward(block.b, block.h, l, tile.first, tile.count, dscores, dbias);
    if (options.softcap > 0) {
      kernels::softcap_row_backward(work.capped + at, dscores, options.softcap, dscores,
                                    tile.count);
    }
    if (plan.scale != 1) kernels::scale(plan.scale, dscores, dscores, tile.count);
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
  const PackedTiles key_columns(operands.k, sizes, D, As::columns);
  const PackedTiles key_rows(operands.k, sizes, D, As::rows);
  const PackedTiles value_columns(operands.v, sizes, Dv, As::columns);
  const Index q_room = kernels::packed_size(tile_queries, D);
  const Index room = q_room + kernels::packed_size(tile_queries, Dv);
  Tensor packed_all = Tensor::empty({B * kv_heads, room});

  const auto run_block = [&](const QueryBlock& block, Index kv, float* packed) {
    static thread_local Workspace work;
    const Index b = block.b, h = block.h;
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
    float delta[tile_queries];
    for (Index row = 0; row < block.rows; ++row) {
      delta[row] = kernels::dot(dout + row * doutput.row, out + row * output.row, Dv);
    }

    const TileRange range = visible_tiles(plan, block);
    for (Index t = range.begin; t < range.end; ++t) {
      const KeyTile tile = key_tile(t, S);
      const Index n = tile.count, rows = block.rows;
      tile_scores(plan, block, tile, key_columns.at(b, kv, t), work.capped);
      tile_weights(plan, block, tile, maxima, shares, work);

      // output = weights V, so dV += weightsᵀ dO and dW = dO Vᵀ
      const float* weights = plan.options.dropout > 0 ? work.dropped : work.weights;
      product({weights, 1, tile_keys}, douts, {n, Dv, rows}, dv.at(b, kv) + tile.first * dv.row,
              dv.row, true);
      kernels::matmul_serial({dout, doutput.row, 1}, value_columns.at(b, kv, t).as_packed,
                             {rows, n, Dv}, work.dscores, tile_keys);
      tile_dscores(plan, block, tile, delta, dbias, work);

      // scores = scale Q Kᵀ, so dQ += dS K and dK += dSᵀ Q
      product({work.dscores, tile_keys, 1}, key_rows.at(b, kv, t), {rows, D, n},
              dq.at(b, h) + block.first * dq.row, dq.row, true);
      product({work.dscores, 1, tile_keys}, queries, {n, D, rows},
              dk.at(b, kv) + tile.first * dk.row, dk.row, true);
    }
  };

  // Heads that share keys run one after the other, and all do if they add to one bias.
  const Index group = H / kv_heads, shared = B * kv_heads;
  parallel_for(shared, dbias ? std::max<Index>(shared, 1) : 1, [&](Index begin, Index end) {
    for (Index i = begin; i < end; ++i) {
      const Index b = i / kv_heads, kv = i % kv_heads;
      for (Index h = kv * group; h < (kv + 1) * group; ++h) {
        for (Index first = 0; first < L; first += tile_queries) {
          run_block({b, h, first, std::min(tile_queries, L - first)}, kv,
                    packed_all.data() + i * room);
        }
      }
    }
  });
  return result;
}

}  // namespace regard::attention
