// SPDX-License-Identifier: MIT
#include "attention/tiled.h"

#include <cmath>
#include <limits>

#include "attention/tile.h"
#include "kernels/dropout.h"
#include "kernels/elementwise.h"
#include "kernels/softmax.h"
#include "tensor/parallel.h"

namespace regard::attention {

namespace {

constexpr float infinity = std::numeric_limits<float>::infinity();
constexpr float nan = std::numeric_limits<float>::quiet_NaN();

// A block of queries on its way through the tiles.
class RunningBlock {
 public:
  RunningBlock(const Plan& plan, const QueryBlock& block, const MutableHeads& output)
      : plan_(plan),
        block_(block),
        output_(output.at(block.b, block.h) + block.first * output.row),
        output_row_(output.row) {
    std::fill_n(most_, tile_queries, -infinity);
    for (Index row = 0; row < block.rows; ++row) {
      std::fill_n(output_ + row * output_row_, plan.operands.sizes.Dv, 0.0f);
    }
  }

  // output = output e^(old most - most) + e^(scores - most) V
  void add(const KeyTile& tile, float* scores, const RightOperand& values) noexcept {
    for (Index row = 0; row < block_.rows; ++row) add_row(row, tile, scores + row * tile_keys);
    const Index Dv = plan_.operands.sizes.Dv;
    product({scores, tile_keys, 1}, values, {block_.rows, Dv, tile.count}, output_, output_row_,
            true);
  }

  // Divides by the sums. A row that sees no key gets the share 0 or NaN, which its weights become.
  void finish(float* maxima, float* shares) noexcept {
    const Index Dv = plan_.operands.sizes.Dv;
    for (Index row = 0; row < block_.rows; ++row) {
      float* out = output_ + row * output_row_;
      maxima[row] = most_[row] == -infinity ? 0 : most_[row];
      if (visible_[row] == 0 &&
          plan_.visibility.fill_empty(block_.b, block_.first + row, out, Dv)) {
        shares[row] = Dv && std::isnan(out[0]) ? nan : 0;
      } else if (sum_[row] == 0) {
        // nothing but -infinity has no distribution; PyTorch gives zeros all the same
        const bool zeros = plan_.options.convention == ConventionName::torch;
        std::fill_n(out, Dv, zeros ? 0.0f : nan);
        shares[row] = zeros ? 0 : nan;
      } else {
        shares[row] = 1 / sum_[row];
        kernels::scale(shares[row], out, out, Dv);
      }
    }
  }

 private:
  void add_row(Index row, const KeyTile& tile, float* x) noexcept {
    visible_[row] += hide_tile_row(plan_, block_, row, tile, x);
    const float most = std::max(most_[row], kernels::row_max(x, tile.count));
    const float shift = most == -infinity ? 0.0f : most;
    const float factor = std::exp(most_[row] - shift);
    sum_[row] = sum_[row] * factor + kernels::exp_row(x, shift, x, tile.count);
    if (factor != 1) {
      float* out = output_ + row * output_row_;
      kernels::scale(factor, out, out, plan_.operands.sizes.Dv);
    }
    most_[row] = most;
    const AttentionOptions& options = plan_.options;
    if (options.dropout > 0) {
      const AttentionSizes& sizes = plan_.operands.sizes;
      const Index at = (block_.b * sizes.H + block_.h) * sizes.L + block_.first + row;
      kernels::dropout(x, x, tile.count, options.dropout, options.seed, at * sizes.S + tile.first);
    }
  }

  const Plan& plan_;
  const QueryBlock& block_;
  float* output_;
  Index output_row_;
  float most_[tile_queries];
  float sum_[tile_queries] = {};
  Index visible_[tile_queries] = {};
};

}  // namespace

Attention tiled_attention(const Plan& plan) {
  const auto [B, H, kv_heads, L, P, S, D, Dk, Dv] = plan.operands.sizes;
  const AttentionSizes& sizes = plan.operands.sizes;
  Attention result;
  result.output = Tensor::empty(plan.operands.output);
  result.maxima = Tensor::empty({B, H, L});
  result.shares = Tensor::empty({B, H, L});
  const MutableHeads output = query_heads(result.output, plan.operands);

  const PackedTiles keys(plan.operands.k, sizes, D, PackedTiles::As::columns);
  const PackedTiles values(plan.operands.v, sizes, Dv, PackedTiles::As::rows);
  const Index blocks = (L + tile_queries - 1) / tile_queries;

  parallel_for(B * H * blocks, 1, [&](Index begin, Index end) {
    alignas(64) static thread_local TileBuffer scores;
    for (Index i = begin; i < end; ++i) {
      const Index matrix = i / blocks, first = i % blocks * tile_queries;
      const QueryBlock block{matrix / H, matrix % H, first, std::min(tile_queries, L - first)};
      const Index kv = sizes.kv_head(block.h);
      RunningBlock running(plan, block, output);
      const TileRange range = visible_tiles(plan, block);
      for (Index t = range.begin; t < range.end; ++t) {
        const KeyTile tile = key_tile(t, S);
        tile_scores(plan, block, tile, keys.at(block.b, kv, t), scores);
        running.add(tile, scores, values.at(block.b, kv, t));
      }
      const Index row = matrix * L + first;
      running.finish(result.maxima.data() + row, result.shares.data() + row);
    }
  });
  return result;
}

}  // namespace regard::attention
