// SPDX-License-Identifier: MIT
#include "attention/tile.h"

#include <limits>

#include "kernels/elementwise.h"
#include "kernels/softcap.h"
#include "tensor/parallel.h"

namespace regard::attention {

PackedTiles::PackedTiles(const Heads& x, const AttentionSizes& sizes, Index width, As as)
    : x_(x), kv_heads_(sizes.kv_heads), tiles_(tile_count(sizes.S)), as_(as) {
  const Index most = std::min(tile_keys, sizes.S);
  room_ = as == As::rows ? kernels::packed_size(most, width) : kernels::packed_size(width, most);
  const Index count = sizes.B * kv_heads_ * tiles_;
  packed_ = Tensor::empty({count, room_});
  finite_.resize(static_cast<size_t>(count));
  parallel_for(count, 1, [&](Index begin, Index end) {
    for (Index i = begin; i < end; ++i) {
      const Index tile = i % tiles_, kv = i / tiles_ % kv_heads_, b = i / tiles_ / kv_heads_;
      const Index rows = key_tile(tile, sizes.S).count;
      const Index k = as_ == As::rows ? rows : width, n = as_ == As::rows ? width : rows;
      const RightOperand packed =
          right_operand(view(b, kv, tile), k, n, packed_.data() + i * room_);
      finite_[static_cast<size_t>(i)] = packed.packed != nullptr;
    }
  });
}

kernels::MatrixView PackedTiles::view(Index b, Index kv, Index tile) const noexcept {
  const kernels::MatrixView rows{x_.at(b, kv) + tile * tile_keys * x_.row, x_.row, 1};
  return as_ == As::rows ? rows : rows.transposed();
}

RightOperand PackedTiles::at(Index b, Index kv, Index tile) const noexcept {
  const Index i = (b * kv_heads_ + kv) * tiles_ + tile;
  const bool finite = finite_[static_cast<size_t>(i)];
  return {view(b, kv, tile), finite ? packed_.data() + i * room_ : nullptr,
          packed_.data() + i * room_};
}

TileRange visible_tiles(const Plan& plan, const QueryBlock& block) noexcept {
  const Index S = plan.operands.sizes.S;
  if (plan.visibility.keeps_hidden()) return {0, tile_count(S)};
  Index begin = S, end = 0;
  for (Index row = 0; row < block.rows; ++row) {
    const auto span = plan.visibility.span(block.b, block.first + row);
    if (span.begin == span.end) continue;
    begin = std::min(begin, span.begin);
    end = std::max(end, span.end);
  }
  if (begin >= end) return {0, 0};
  return {begin / tile_keys, tile_count(end)};
}

void tile_scores(const Plan& plan, const QueryBlock& block, const KeyTile& tile,
                 const RightOperand& keys, float* scores) noexcept {
  const Heads& q = plan.operands.q;
  const float* queries = q.at(block.b, block.h) + block.first * q.row;
  // a key's NaN stays in its own column, which is hidden wherever it must not be seen
  kernels::matmul_serial({queries, q.row, 1}, keys.as_packed,
                         {block.rows, tile.count, plan.operands.sizes.D}, scores, tile_keys);
  const float cap = plan.options.softcap;
  for (Index row = 0; row < block.rows; ++row) {
    float* x = scores + row * tile_keys;
    if (plan.scale != 1) kernels::scale(plan.scale, x, x, tile.count);
    if (cap > 0) kernels::softcap_row(x, cap, x, tile.count);
  }
}

Index hide_tile_row(const Plan& plan, const QueryBlock& block, Index row, const KeyTile& tile,
                    float* scores) noexcept {
  const Visibility& visibility = plan.visibility;
  const Index l = block.first + row;
  if (!visibility.spans_only() || visibility.keeps_hidden()) {
    return visibility.hide(block.b, block.h, l, tile.first, tile.count, scores);
  }
  const auto span = visibility.span(block.b, l);
  const Index begin = std::clamp<Index>(span.begin - tile.first, 0, tile.count);
  const Index end = std::clamp<Index>(span.end - tile.first, begin, tile.count);
  constexpr float hidden = -std::numeric_limits<float>::infinity();
  std::fill(scores, scores + begin, hidden);
  std::fill(scores + end, scores + tile.count, hidden);
  return end - begin;
}

}  // namespace regard::attention
