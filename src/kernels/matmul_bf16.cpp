// SPDX-License-Identifier: MIT
#include "kernels/matmul_bf16.h"

#include <algorithm>

#include "kernels/simd_bf16.h"
#include "tensor/parallel.h"

namespace regard::kernels {

namespace {

using simd::batch;
constexpr Index width = simd::width;

// A tile of C in registers, as in matmul.cpp; the last rows of A make a tile of fewer steps, filled
// up with zeros.
constexpr Index row_step = 4;
constexpr Index tile_rows = simd::registers >= 32 ? 3 * row_step : row_step;
constexpr int tile_vectors = 2;
constexpr Index panel_columns = tile_vectors * width;

// A block of A, rounded, stays in L2, a panel's share of the depth in L1.
constexpr Index block_rows = 16 * 12;
constexpr Index block_depth = 256;
constexpr Index block_pairs = block_depth / 2;
static_assert(block_rows % tile_rows == 0);

constexpr Index pairs_of(Index k) noexcept { return (k + 1) / 2; }

/// One tile of C: `rows` of its rows and `columns` of its columns lie within C.
struct TileJob {
  const uint32_t* a;
  const uint32_t* b;
  Index pairs;
  float* c;
  Index c_row;
  Index rows, columns;
  const float* bias;
  bool from_c;
};

// How a block of A lies: each row's pairs next to each other, or each pair's rows.
enum class Layout { rows, pairs };

// A tile that lies within C.
template <int Rows, Layout layout>
void whole_tile(const TileJob& job) noexcept {
  constexpr Index a_row = layout == Layout::rows ? block_pairs : 1;
  constexpr Index a_pair = layout == Layout::rows ? 1 : Rows;
  batch sums[Rows][tile_vectors];
  for (int i = 0; i < Rows; ++i) {
    for (int v = 0; v < tile_vectors; ++v) {
      if (job.from_c) {
        sums[i][v] = simd::load(job.c + i * job.c_row + v * width);
      } else {
        sums[i][v] = job.bias ? simd::load(job.bias + v * width) : simd::broadcast(0.0f);
      }
    }
  }

  const uint32_t *a = job.a, *b = job.b;
  for (Index p = 0; p < job.pairs; ++p) {
    simd::uint_batch right[tile_vectors];
    for (int v = 0; v < tile_vectors; ++v) right[v] = simd::load_pairs(b + v * width);
    for (int i = 0; i < Rows; ++i) {
      const auto left = simd::broadcast_pair(a[i * a_row]);
      for (int v = 0; v < tile_vectors; ++v) {
        sums[i][v] = simd::dot_pairs(left, right[v], sums[i][v]);
      }
    }
    a += a_pair;
    b += panel_columns;
  }

  for (int i = 0; i < Rows; ++i) {
    for (int v = 0; v < tile_vectors; ++v)
      simd::store(job.c + i * job.c_row + v * width, sums[i][v]);
  }
}

// Where a tile sticks out of C, it is computed on a copy of what it starts from, whose part of C is
// copied back.
template <int Rows, Layout layout>
void tile(const TileJob& job) noexcept {
  if (job.rows == Rows && job.columns == panel_columns) return whole_tile<Rows, layout>(job);
  alignas(64) float copy[Rows * panel_columns] = {};
  for (Index i = 0; i < job.rows; ++i) {
    const float* start = job.from_c ? job.c + i * job.c_row : job.bias;
    if (start) std::copy_n(start, job.columns, copy + i * panel_columns);
  }
  TileJob inner = job;
  inner.c = copy;
  inner.c_row = panel_columns;
  inner.from_c = true;
  whole_tile<Rows, layout>(inner);
  for (Index i = 0; i < job.rows; ++i) {
    std::copy_n(copy + i * panel_columns, job.columns, job.c + i * job.c_row);
  }
}

template <Layout layout>
void run_tile(const TileJob& job) noexcept {
  if constexpr (tile_rows > row_step) {
    if (job.rows > 2 * row_step) return tile<3 * row_step, layout>(job);
    if (job.rows > row_step) return tile<2 * row_step, layout>(job);
  }
  tile<row_step, layout>(job);
}

// The rows that a tile of `rows` rows computes.
constexpr Index padded(Index rows) noexcept { return (rows + row_step - 1) / row_step * row_step; }

// Rounds a block of A whose rows' elements lie next to each other.
void round_rows(const MatrixView& a, Index rows, Index depth, uint32_t* packed) noexcept {
  for (Index i = 0; i < rows; ++i) {
    const float* from = a.data + i * a.row;
    uint32_t* to = packed + i * block_pairs;
    Index k = 0;
    for (; k + 2 * width <= depth; k += 2 * width) {
      simd::store_pairs(to + k / 2, simd::bf16_neighbours(from + k));
    }
    for (; k < depth; k += 2) {
      to[k / 2] = simd::bf16_pair(from[k], k + 1 < depth ? from[k + 1] : 0.0f);
    }
  }
  std::fill_n(packed + rows * block_pairs, (padded(rows) - rows) * block_pairs, 0u);
}

// Rounds a block of A through any strides, fast where the elements of a column lie next to each
// other: tile by tile, and in a tile pair by pair.
void round_columns(const MatrixView& a, Index rows, Index depth, uint32_t* packed) noexcept {
  const Index pairs = pairs_of(depth);
  for (Index p = 0; p < pairs; ++p) {
    const bool odd = 2 * p + 1 == depth;
    const float* first = a.data + 2 * p * a.column;
    // rows far apart: no processor guesses that they come next
    constexpr Index ahead = 16;
    if (a.row == 1 && 2 * p + ahead + 1 < depth) {
      for (Index i = 0; i < rows; i += width) {
        __builtin_prefetch(first + ahead * a.column + i);
        __builtin_prefetch(first + (ahead + 1) * a.column + i);
      }
    }
    for (Index i = 0; i < rows; i += tile_rows) {
      const Index within = std::min(tile_rows, rows - i), height = padded(within);
      uint32_t* to = packed + i * pairs + p * height;
      if (a.row == 1 && !odd) {
        simd::sweep(within, [&](Index r, auto lanes) {
          const batch low = simd::load(first + i + r, lanes);
          const batch high = simd::load(first + a.column + i + r, lanes);
          simd::store_pairs(to + r, simd::bf16_pairs(low, high), lanes);
        });
      } else {
        for (Index r = 0; r < within; ++r) {
          const float* element = first + (i + r) * a.row;
          to[r] = simd::bf16_pair(element[0], odd ? 0.0f : element[a.column]);
        }
      }
      std::fill(to + within, to + height, 0u);
    }
  }
}

// The rows begin … end-1 of C.
template <Layout layout>
void multiply_rows(const MatrixView& a, const uint32_t* packed_b, const MatmulSizes& sizes,
                   float* c, Index c_row, const MatmulOptions& options, Index begin,
                   Index end) noexcept {
  alignas(64) static thread_local uint32_t packed_a[block_rows * block_pairs];

  for (Index i = begin; i < end; i += block_rows) {
    const Index rows = std::min(block_rows, end - i);
    for (Index k = 0; k < std::max<Index>(sizes.k, 1); k += block_depth) {
      const Index depth = std::min(block_depth, sizes.k - k), pairs = pairs_of(depth);
      const MatrixView block{a.data + i * a.row + k * a.column, a.row, a.column};
      (layout == Layout::rows ? round_rows : round_columns)(block, rows, depth, packed_a);

      for (Index j = 0; j < sizes.n; j += panel_columns) {
        for (Index r = 0; r < rows; r += tile_rows) {
          run_tile<layout>({.a = packed_a + r * (layout == Layout::rows ? block_pairs : pairs),
                            .b = packed_b + j * pairs_of(sizes.k) + k / 2 * panel_columns,
                            .pairs = pairs,
                            .c = c + (i + r) * c_row + j,
                            .c_row = c_row,
                            .rows = std::min(tile_rows, rows - r),
                            .columns = std::min(panel_columns, sizes.n - j),
                            .bias = options.bias ? options.bias + j : nullptr,
                            .from_c = options.accumulate || k > 0});
        }
      }
    }
  }
}

// Pairs begin … end-1 of B's rows, in every panel; `to` is where the first panel's begin.
void pack_rows(const MatrixView& b, Index k, Index n, Index begin, Index end,
               uint32_t* to) noexcept {
  const Index panel_pairs = pairs_of(k) * panel_columns;
  for (Index j = 0; j < n; j += panel_columns, to += panel_pairs) {
    const Index columns = std::min(panel_columns, n - j);
    for (Index p = begin; p < end; ++p) {
      const bool odd = 2 * p + 1 == k;
      const float* row = b.data + 2 * p * b.row + j * b.column;
      uint32_t* pairs = to + (p - begin) * panel_columns;
      if (b.column == 1 && !odd) {
        simd::sweep(columns, [&](Index i, auto lanes) {
          const batch low = simd::load(row + i, lanes), high = simd::load(row + b.row + i, lanes);
          simd::store_pairs(pairs + i, simd::bf16_pairs(low, high), lanes);
        });
      } else {
        for (Index i = 0; i < columns; ++i) {
          const float* element = row + i * b.column;
          pairs[i] = simd::bf16_pair(element[0], odd ? 0.0f : element[b.row]);
        }
      }
      std::fill(pairs + columns, pairs + panel_columns, 0u);
    }
  }
}

// `width` pairs of B, whose columns' elements lie next to each other, in every panel: rounded along
// the depth, then transposed.
void pack_square(const MatrixView& b, Index k, Index n, Index p, uint32_t* to) noexcept {
  const Index panel_pairs = pairs_of(k) * panel_columns;
  for (Index j = 0; j < n; j += panel_columns, to += panel_pairs) {
    for (Index column = 0; column < panel_columns; ++column) {
      alignas(64) uint32_t pairs[width] = {};
      if (j + column < n) {
        simd::store_pairs(pairs, simd::bf16_neighbours(b.data + 2 * p + (j + column) * b.column));
      }
      for (Index i = 0; i < width; ++i) to[i * panel_columns + column] = pairs[i];
    }
  }
}

}  // namespace

Index packed_size_bf16(Index k, Index n) noexcept {
  return (n + panel_columns - 1) / panel_columns * panel_columns * pairs_of(k);
}

void pack_bf16(const MatrixView& b, Index k, Index n, float* packed) noexcept {
  uint32_t* const target = reinterpret_cast<uint32_t*>(packed);
  const Index pairs = pairs_of(k);
  // runs of rows, so that both sides are touched a few cache lines at a time
  constexpr Index run = 64;
  parallel_for((pairs + run - 1) / run, 16384 / (run * std::max<Index>(n, 1)) + 1,
               [&](Index begin, Index end) {
                 const Index stop = std::min(end * run, pairs);
                 for (Index p = begin * run; p < stop;) {
                   uint32_t* const to = target + p * panel_columns;
                   if (b.row == 1 && p % width == 0 && 2 * (p + width) <= k) {
                     pack_square(b, k, n, p, to);
                     p += width;
                   } else {
                     const Index last = std::min(p + run, stop);
                     pack_rows(b, k, n, p, last, to);
                     p = last;
                   }
                 }
               });
}

void matmul_bf16(const MatrixView& a, const float* packed_b, const MatmulSizes& sizes, float* c,
                 Index c_row, const MatmulOptions& options) noexcept {
  const uint32_t* const pairs = reinterpret_cast<const uint32_t*>(packed_b);
  constexpr Index unit = 4 * tile_rows;
  const Index units = (sizes.m + unit - 1) / unit;
  const Index grain = 131072 / std::max<Index>(1, sizes.n * sizes.k * unit) + 1;
  parallel_for(units, grain, [&](Index first, Index last) {
    const Index begin = first * unit, end = std::min(last * unit, sizes.m);
    if (a.column == 1) {
      multiply_rows<Layout::rows>(a, pairs, sizes, c, c_row, options, begin, end);
    } else {
      multiply_rows<Layout::pairs>(a, pairs, sizes, c, c_row, options, begin, end);
    }
  });
}

}  // namespace regard::kernels
