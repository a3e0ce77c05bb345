// SPDX-License-Identifier: MIT
// What the tiled form's two directions share: the sizes of tiles, keys and values packed tile by
// tile, and one tile's scores.
#pragma once

#include <algorithm>

#include "attention/plan.h"
#include "attention/product.h"

namespace regard::attention {

/// A tile of scores is at most so many queries by so many keys. Forward's 16 kB stay in L1 beside
/// the rows of keys that a product reads; backward sums over queries, the longer the better.
constexpr Index forward_queries = 16;
constexpr Index backward_queries = 48;
constexpr Index tile_keys = 256;

/// Queries first … first + rows - 1 of head h of batch b, at most backward_queries.
struct QueryBlock {
  Index b, h, first, rows;
};

/// Keys first … first + count - 1.
struct KeyTile {
  Index first, count;
};

/// How many tiles there are, and the keys of one.
inline Index tile_count(Index S) { return (S + tile_keys - 1) / tile_keys; }
inline KeyTile key_tile(Index tile, Index S) {
  return {tile * tile_keys, std::min(tile_keys, S - tile * tile_keys)};
}

/// Matrices made of each tile of the keys or values of some batches and heads.
class PackedTiles {
 public:
  /// Which matrix of a tile's rows (count, width) is packed: the rows themselves, or their
  /// transpose.
  enum class As { rows, columns };

  /// Which pairs of a batch and a head of keys. Where few queries read them, packing costs more
  /// than it saves.
  struct Pairs {
    Index first, count;
    bool packs = true;
  };
  PackedTiles(const Heads& x, const AttentionSizes& sizes, Index width, As as, const Pairs& pairs);

  RightOperand at(Index pair, Index tile) const noexcept;

 private:
  kernels::MatrixView view(Index pair, Index tile) const noexcept;

  Heads x_;
  Index kv_heads_;
  Index tiles_;
  Index room_ = 0;
  Index first_;
  As as_;
  Tensor packed_;
  std::vector<char> finite_;
};

/// What the queries of a block can see: for each its keys, and of all together.
struct BlockSpans {
  BlockSpans(const Plan& plan, const QueryBlock& block) noexcept;

  /// The tiles with anything that is seen.
  Visibility::Span tiles() const noexcept { return {all.begin / tile_keys, tile_count(all.end)}; }
  /// Of rows begin … end-1, the columns of a tile that one of them sees, empty if there are none.
  Visibility::Span in_tile(const KeyTile& tile, Index begin, Index end) const noexcept;

  Visibility::Span all;
  Visibility::Span rows[backward_queries];
  bool equal;  ///< whether all rows see the same keys
};

/// The raw scores of some rows of a block in the columns `seen` of a tile and perhaps some before
/// them, without the scale: Q Kᵀ, rows tile_keys apart.
void tile_products(const Plan& plan, const QueryBlock& block, Index begin, Index end,
                   const KeyTile& tile, const Visibility::Span& seen, const RightOperand& keys,
                   float* scores) noexcept;

/// Makes capped and masked scores of the products of one row: columns `seen` of a tile. What the
/// query does not see becomes -infinity or the mask value.
///
/// factor   what the scores are still to be multiplied with: 1, or the plan's scale, where nothing
///          stands between it and the softmax
/// capped   receives the scores before anything is hidden, if not null
/// returns  whether the query sees any of them
bool finish_tile_row(const Plan& plan, const QueryBlock& block, Index row, const KeyTile& tile,
                     const Visibility::Span& seen, float factor, float* scores,
                     float* capped = nullptr) noexcept;

/// The factor that finish_tile_row() may leave to the softmax.
float open_factor(const Plan& plan) noexcept;

}  // namespace regard::attention
