// SPDX-License-Identifier: MIT
#include "attention/tile.h"

#include <limits>

#include "kernels/dot.h"
#include "kernels/elementwise.h"
#include "kernels/softcap.h"
#include "tensor/parallel.h"

namespace regard::attention {

using Span = Visibility::Span;

PackedTiles::PackedTiles(const Heads& x, const AttentionSizes& sizes, Index width, As as,
                         const Pairs& pairs)
    : x_(x), kv_heads_(sizes.kv_heads), tiles_(tile_count(sizes.S)), first_(pairs.first), as_(as) {
  if (!pairs.packs) return;
  const Index most = std::min(tile_keys, sizes.S), count = pairs.count;
  room_ = as == As::rows ? kernels::packed_size(most, width) : kernels::packed_size(width, most);
  finite_.resize(static_cast<size_t>(count * tiles_));
  packed_ = Tensor::empty({count * tiles_, room_});
  constexpr Index worthwhile = 12000;  // numbers that are packed in some 2 µs
  parallel_for(count * tiles_, std::max<Index>(1, worthwhile / std::max<Index>(room_, 1)),
               [&](Index begin, Index end) {
                 for (Index i = begin; i < end; ++i) {
                   const Index tile = i % tiles_, rows = key_tile(tile, sizes.S).count;
                   const kernels::MatrixView part = view(first_ + i / tiles_, tile);
                   float* packed = packed_.data() + i * room_;
                   if (as_ == As::columns) {
                     kernels::pack(part, width, rows, packed);
                   } else {
                     const RightOperand right = right_operand(part, rows, width, packed);
                     finite_[static_cast<size_t>(i)] = right.packed != nullptr;
                   }
                 }
               });
}

kernels::MatrixView PackedTiles::view(Index pair, Index tile) const noexcept {
  const kernels::MatrixView rows{
      x_.at(pair / kv_heads_, pair % kv_heads_) + tile * tile_keys * x_.row, x_.row, 1};
  return as_ == As::rows ? rows : rows.transposed();
}

RightOperand PackedTiles::at(Index pair, Index tile) const noexcept {
  if (!packed_.defined()) return {view(pair, tile), nullptr, nullptr};
  const Index i = (pair - first_) * tiles_ + tile;
  const float* packed = packed_.data() + i * room_;
  return {view(pair, tile), finite_[static_cast<size_t>(i)] ? packed : nullptr, packed};
}

BlockSpans::BlockSpans(const Plan& plan, const QueryBlock& block) noexcept
    : all{plan.operands.sizes.S, 0}, equal(true) {
  const Span whole{0, plan.operands.sizes.S};
  const bool keeps_hidden = plan.visibility.keeps_hidden();
  for (Index row = 0; row < block.rows; ++row) {
    Span& span = rows[row];
    span = keeps_hidden ? whole : plan.visibility.span(block.b, block.first + row);
    equal = equal && span.begin == rows[0].begin && span.end == rows[0].end;
    if (span.begin == span.end) continue;
    all.begin = std::min(all.begin, span.begin);
    all.end = std::max(all.end, span.end);
  }
  if (all.begin >= all.end) all = {0, 0};
}

Span BlockSpans::in_tile(const KeyTile& tile, Index begin, Index end) const noexcept {
  Span seen{tile.count, 0};
  for (Index row = begin; row < end; ++row) {
    const auto& span = rows[row];
    if (span.begin == span.end) continue;
    seen.begin = std::min(seen.begin, std::max<Index>(span.begin - tile.first, 0));
    seen.end = std::max(seen.end, std::min(span.end - tile.first, tile.count));
  }
  return seen.begin < seen.end ? seen : Span{0, 0};
}

void tile_products(const Plan& plan, const QueryBlock& block, Index begin, Index end,
                   const KeyTile& tile, const Span& seen, const RightOperand& keys,
                   float* scores) noexcept {
  const Heads& q = plan.operands.q;
  const Index D = plan.operands.sizes.D;
  if (!keys.as_packed) {
    for (Index row = begin; row < end; ++row) {
      const float* query = q.at(block.b, block.h) + (block.first + row) * q.row;
      for (Index s = seen.begin; s < seen.end; ++s) {
        scores[row * tile_keys + s] =
            kernels::dot(query, keys.plain.data + s * keys.plain.column, D);
      }
    }
    return;
  }
  const Index first = kernels::tile_start(seen.begin);
  // a key's NaN stays in its own column, which is hidden wherever it must not be seen
  kernels::matmul_serial({q.at(block.b, block.h) + (block.first + begin) * q.row, q.row, 1},
                         keys.as_packed, {end - begin, seen.end - first, D},
                         scores + begin * tile_keys + first, tile_keys,
                         {.part = {.k = D, .n = tile.count, .column = first}});
}

float open_factor(const Plan& plan) noexcept {
  const bool open = plan.scale > 0 && plan.options.softcap == 0 && plan.visibility.keeps_scores();
  return open ? plan.scale : 1;
}

bool finish_tile_row(const Plan& plan, const QueryBlock& block, Index row, const KeyTile& tile,
                     const Span& seen, float factor, float* scores, float* capped) noexcept {
  const Index count = seen.end - seen.begin;
  float* x = scores + seen.begin;
  if (plan.scale != factor) kernels::scale(plan.scale, x, x, count);
  if (plan.options.softcap > 0) kernels::softcap_row(x, plan.options.softcap, x, count);
  if (capped) std::copy_n(x, count, capped + seen.begin);
  return plan.visibility.hide(block.b, block.h, block.first + row, tile.first + seen.begin, count,
                              x);
}

}  // namespace regard::attention
