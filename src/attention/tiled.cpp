// SPDX-License-Identifier: MIT
// What was tried (8 heads of 64, n = 2048, Node 20 without relaxed SIMD, one core that reaches 65
// GFLOP/s in sums of products alone and 61 in these products):
//   2026-11  41  scores of 48 queries, scaled, hidden, then weighed, all copied into the order of a
//                product's left operand
//   2026-11  50  16 queries, read where they are; scale and exponential in one pass; output only
//                scaled where a maximum has changed
//   2026-11  52  four maxima side by side
//   2026-11  no gain: 4, 8 or 32 queries, 512 keys
// The rest is the exponentials: 0.53 ns each beside 4.2 ns of products (tests/bench).
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

// Where rows of a block see different keys, so many of them share a product: what is computed and
// not seen is half of this for each.
constexpr Index rows_of_a_product = 8;

// Keys and values of so many bytes are packed at a time, to be read while they are in the cache.
constexpr Index packed_bytes = Index{1} << 20;

// So few queries read keys and values of several tiles where they lie.
constexpr Index few_queries = 2;

// A block of queries on its way through the tiles.
class RunningBlock {
 public:
  RunningBlock(const Plan& plan, const QueryBlock& block, const MutableHeads& output)
      : plan_(plan),
        block_(block),
        spans_(plan, block),
        factor_(open_factor(plan)),
        output_(output.at(block.b, block.h) + block.first * output.row),
        output_row_(output.row) {
    std::fill_n(most_, forward_queries, -infinity);
  }

  Visibility::Span tiles() const noexcept { return spans_.tiles(); }

  void add(const KeyTile& tile, const RightOperand& keys, const RightOperand& values,
           float* scores) noexcept {
    const Index step = spans_.equal ? block_.rows : rows_of_a_product;
    for (Index begin = 0; begin < block_.rows; begin += step) {
      add_rows(begin, std::min(begin + step, block_.rows), tile, keys, values, scores);
    }
  }

  // Divides by the sums. A row that sees no key gets the share 0 or NaN, which its weights become.
  void finish(float* maxima, float* shares) noexcept {
    const Index Dv = plan_.operands.sizes.Dv;
    for (Index row = 0; row < block_.rows; ++row) {
      float* out = output_ + row * output_row_;
      maxima[row] = most_[row] == -infinity ? 0 : most_[row];
      if (!sees_[row] && plan_.visibility.fill_empty(block_.b, block_.first + row, out, Dv)) {
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
  // output = output e^(old most - most) + e^(scores - most) V
  void add_rows(Index begin, Index end, const KeyTile& tile, const RightOperand& keys,
                const RightOperand& values, float* scores) noexcept {
    const Visibility::Span seen = spans_.in_tile(tile, begin, end);
    if (seen.begin == seen.end) return;
    tile_products(plan_, block_, begin, end, tile, seen, keys, scores);
    for (Index row = begin; row < end; ++row) weigh(row, tile, seen, scores + row * tile_keys);
    const Index Dv = plan_.operands.sizes.Dv;
    product({scores + begin * tile_keys + seen.begin, tile_keys, 1}, values,
            {end - begin, Dv, seen.end - seen.begin}, output_ + begin * output_row_, output_row_,
            {.accumulate = begun_[begin], .part = {.k = tile.count, .n = Dv, .row = seen.begin}});
    std::fill(begun_ + begin, begun_ + end, true);
  }

  // Makes weights of a row of products, to be divided by their sum over all tiles.
  void weigh(Index row, const KeyTile& tile, const Visibility::Span& seen, float* scores) noexcept {
    sees_[row] |= finish_tile_row(plan_, block_, row, tile, seen, factor_, scores);
    float* x = scores + seen.begin;
    const Index count = seen.end - seen.begin;
    const float most = std::max(most_[row], kernels::row_max(x, count));
    const float shift = most == -infinity ? 0.0f : most;
    if (most != most_[row] && begun_[row]) {
      const float shrink = std::exp(factor_ * (most_[row] - shift));
      float* out = output_ + row * output_row_;
      sum_[row] *= shrink;
      kernels::scale(shrink, out, out, plan_.operands.sizes.Dv);
    }
    sum_[row] += kernels::weigh_row(x, shift, factor_, x, count);
    most_[row] = most;
    const AttentionOptions& options = plan_.options;
    if (options.dropout > 0) {
      const AttentionSizes& sizes = plan_.operands.sizes;
      const Index at = (block_.b * sizes.H + block_.h) * sizes.L + block_.first + row;
      kernels::dropout(x, x, count, options.dropout, options.seed,
                       at * sizes.S + tile.first + seen.begin);
    }
  }

  const Plan& plan_;
  const QueryBlock& block_;
  const BlockSpans spans_;
  const float factor_;
  float* output_;
  Index output_row_;
  float most_[forward_queries];
  float sum_[forward_queries] = {};
  bool sees_[forward_queries] = {};
  bool begun_[forward_queries] = {};
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

  const Index pairs = B * kv_heads, group = H / std::max<Index>(kv_heads, 1);
  const Index bytes = (D + Dv) * S * static_cast<Index>(sizeof(float));
  const Index at_once =
      std::clamp<Index>(packed_bytes / std::max<Index>(bytes, 1), 1, std::max<Index>(pairs, 1));
  const Index blocks = (L + forward_queries - 1) / forward_queries;
  constexpr Index worthwhile = 60000;  // products that take some 2 µs
  const Index cost = std::max<Index>(1, std::min(L, forward_queries) * S * (D + Dv));
  const Index grain = std::max<Index>(1, worthwhile / cost);

  for (Index pair = 0; pair < pairs; pair += at_once) {
    const Index count = std::min(at_once, pairs - pair);
    const PackedTiles::Pairs some{pair, count, L * group > few_queries || S <= tile_keys};
    const PackedTiles keys(plan.operands.k, sizes, D, PackedTiles::As::columns, some);
    const PackedTiles values(plan.operands.v, sizes, Dv, PackedTiles::As::rows, some);
    // heads of queries that share keys follow each other
    parallel_for(count * group * blocks, grain, [&](Index begin, Index end) {
      alignas(64) static thread_local float scores[forward_queries * tile_keys];
      for (Index i = begin; i < end; ++i) {
        const Index matrix = pair * group + i / blocks, first = i % blocks * forward_queries;
        const QueryBlock block{matrix / H, matrix % H, first, std::min(forward_queries, L - first)};
        RunningBlock running(plan, block, output);
        const auto tiles = running.tiles();
        for (Index t = tiles.begin; t < tiles.end; ++t) {
          running.add(key_tile(t, S), keys.at(matrix / group, t), values.at(matrix / group, t),
                      scores);
        }
        const Index row = matrix * L + first;
        running.finish(result.maxima.data() + row, result.shares.data() + row);
      }
    });
  }
  return result;
}

}  // namespace regard::attention
