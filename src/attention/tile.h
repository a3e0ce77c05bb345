// SPDX-License-Identifier: MIT
// What the tiled form's two directions share: the sizes of tiles, keys and values packed tile by
// tile, and one tile's scores.
#pragma once

#include <algorithm>

#include "attention/plan.h"
#include "attention/product.h"

namespace regard::attention {

/// A tile of scores is at most so many queries by so many keys: 48 kB, in L2 beside its operands.
constexpr Index tile_queries = 48;
constexpr Index tile_keys = 256;

using TileBuffer = float[tile_queries * tile_keys];

/// Queries first … first + rows - 1 of head h of batch b.
struct QueryBlock {
  Index b, h, first, rows;
};

/// Keys first … first + count - 1.
struct KeyTile {
  Index first, count;
};

/// Matrices made of each tile of the keys or values of all batches and heads.
class PackedTiles {
 public:
  /// Which matrix of a tile's rows (count, width) is packed: the rows themselves, or their
  /// transpose.
  enum class As { rows, columns };

  PackedTiles(const Heads& x, const AttentionSizes& sizes, Index width, As as);

  RightOperand at(Index b, Index kv, Index tile) const noexcept;

 private:
  kernels::MatrixView view(Index b, Index kv, Index tile) const noexcept;

  Heads x_;
  Index kv_heads_;
  Index tiles_;
  Index room_;
  As as_;
  Tensor packed_;
  std::vector<char> finite_;
};

/// How many tiles there are, and the keys of one.
inline Index tile_count(Index S) { return (S + tile_keys - 1) / tile_keys; }
inline KeyTile key_tile(Index tile, Index S) {
  return {tile * tile_keys, std::min(tile_keys, S - tile * tile_keys)};
}

/// The tiles begin … end-1 that a block of queries can see anything of.
struct TileRange {
  Index begin, end;
};
TileRange visible_tiles(const Plan& plan, const QueryBlock& block) noexcept;

/// The capped scores of a block and a tile, rows tile_keys apart, before anything is hidden.
void tile_scores(const Plan& plan, const QueryBlock& block, const KeyTile& tile,
                 const RightOperand& keys, float* scores) noexcept;

/// Hides what query block.first + row does not see in its row of a tile; hidden places become
/// -infinity or the mask value. returns how many keys of the tile it sees
Index hide_tile_row(const Plan& plan, const QueryBlock& block, Index row, const KeyTile& tile,
                    float* scores) noexcept;

}  // namespace regard::attention
