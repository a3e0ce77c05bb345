// SPDX-License-Identifier: MIT
// What was tried:
//   2026-11  with AVX-512, products of a Transformer of width 256, on a core that reaches 267
//            GFLOP/s: rows of A copied as they are instead of transposed, blocks of 96 rows instead
//            of 48, each finished over the whole depth: 180-220 became 215-245; tiles of C fetched
//            ahead: no gain
//   2026-11  tiles that stick out of C set up and copied back out of line: as fast, and 2 kB of a
//            compressed wasm module less; the tiles themselves behind a call: a sentence takes 10 %
//            longer
#include "kernels/matmul.h"

#include <algorithm>

#include "kernels/simd.h"
#include "tensor/parallel.h"

namespace regard::kernels {

namespace {

using simd::batch;
constexpr Index width = simd::width;

// A tile of C lives in registers: `tile_rows` times `tile_vectors` sums, a vector of B for each
// column group and one broadcast value of A.
constexpr int tile_rows = simd::registers >= 32 ? 12 : 4;
constexpr int tile_vectors = 2;
constexpr Index panel_columns = tile_vectors * width;

// A block of A, (block_rows, block_depth), is packed to stay in L2 while every panel of B passes;
// a panel's block_depth rows stay in L1 meanwhile.
constexpr Index block_rows = simd::registers >= 32 ? 96 : 48;
constexpr Index block_depth = 256;
static_assert(block_rows % tile_rows == 0);

// With many rows in a tile it is faster to copy A's rows as they are than to transpose them; a row
// of the copy is a cache line longer, so that a tile's rows do not compete for the same lines.
constexpr bool keeps_rows = simd::registers >= 32;
constexpr Index copy_row = block_depth + 16;

// B narrower than one vector gets panels of one vector, so that less of a tile is idle.
constexpr Index panel_width(Index n) noexcept { return n <= width ? width : panel_columns; }

/// One tile of C from `rows` rows of A and one panel of B. When `first`, sums start from the bias
/// or zero, otherwise from C.
struct TileJob {
  const float* a;
  Index a_row;
  Index a_depth;
  const float* b;
  Index depth;
  float* c;
  Index c_row;
  Index columns;
  const float* bias;
  bool from_c;
};

template <int Rows, int Vectors>
void tile(const TileJob& job) noexcept {
  batch sums[Rows][Vectors];
  for (int i = 0; i < Rows; ++i) {
    for (int v = 0; v < Vectors; ++v) {
      if (job.from_c) {
        sums[i][v] = simd::load(job.c + i * job.c_row + v * width);
      } else {
        sums[i][v] = job.bias ? simd::load(job.bias + v * width) : simd::broadcast(0.0f);
      }
    }
  }

  const float* a = job.a;
  const float* b = job.b;
  for (Index k = 0; k < job.depth; ++k) {
    batch right[Vectors];
    for (int v = 0; v < Vectors; ++v) right[v] = simd::load(b + v * width);
    for (int i = 0; i < Rows; ++i) {
      const batch left = simd::broadcast(a[i * job.a_row]);
      for (int v = 0; v < Vectors; ++v) {
        sums[i][v] = simd::multiply_add(left, right[v], sums[i][v]);
      }
    }
    a += job.a_depth;
    b += Vectors * width;
  }

  for (int i = 0; i < Rows; ++i) {
    for (int v = 0; v < Vectors; ++v) simd::store(job.c + i * job.c_row + v * width, sums[i][v]);
  }
}

// Calls tile() for a number of rows that is only known at run time.
template <int Rows, int Vectors>
void tile_of(int rows, const TileJob& job) noexcept {
  if constexpr (Rows > 0) {
    if (rows == Rows) {
      tile<Rows, Vectors>(job);
    } else {
      tile_of<Rows - 1, Vectors>(rows, job);
    }
  }
}

// Calls use(j, lanes) for the vectors of one row of a tile that hold some of its columns.
template <class Use>
void each_vector(Index columns, const Use& use) noexcept {
  for (Index j = 0; j < columns; j += width) {
    if (columns - j >= width) {
      use(j, simd::Whole{});
    } else {
      use(j, simd::Part{columns - j});
    }
  }
}

// Where a tile sticks out of C, it is computed here, on a copy of what it starts from, and its part
// of C is copied back. Out of the way of the other tiles, which are many.
struct Edge {
  alignas(64) float tile[static_cast<size_t>(tile_rows) * panel_columns];

  [[gnu::noinline]] void open(int rows, Index panel, const TileJob& job) noexcept {
    std::fill_n(tile, rows * panel, 0.0f);
    if (!job.from_c && !job.bias) return;
    for (int i = 0; i < rows; ++i) {
      const float* start = job.from_c ? job.c + i * job.c_row : job.bias;
      each_vector(job.columns, [&](Index j, auto lanes) {
        simd::store(tile + i * panel + j, simd::load(start + j, lanes));
      });
    }
  }

  [[gnu::noinline]] void close(int rows, Index panel, const TileJob& job) const noexcept {
    for (int i = 0; i < rows; ++i) {
      each_vector(job.columns, [&](Index j, auto lanes) {
        simd::store(job.c + i * job.c_row + j, simd::load(tile + i * panel + j), lanes);
      });
    }
  }
};

void run_tile(int rows, Index panel, const TileJob& job) noexcept {
  Edge edge;
  TileJob inner = job;
  const bool whole = job.columns == panel;
  if (!whole) {
    edge.open(rows, panel, job);
    inner.c = edge.tile;
    inner.c_row = panel;
    inner.from_c = true;
  }
  if (panel == panel_columns) {
    tile_of<tile_rows, tile_vectors>(rows, inner);
  } else {
    tile_of<tile_rows, 1>(rows, inner);
  }
  if (!whole) edge.close(rows, panel, job);
}

// Packs rows of A into micro panels of tile_rows rows, depth-major; a last, lower one is packed
// with its own height.
void pack_rows(const MatrixView& a, Index rows, Index depth, float* packed) noexcept {
  for (Index i = 0; i < rows; i += tile_rows) {
    const Index height = std::min<Index>(tile_rows, rows - i);
    const float* source = a.data + i * a.row;
    if (a.row == 1 && height == tile_rows) {
      for (Index k = 0; k < depth; ++k) {
        std::copy_n(source + k * a.column, tile_rows, packed + k * tile_rows);
        // rows far apart: no processor guesses that they come next
        __builtin_prefetch(source + (k + 32) * a.column);
      }
    } else {
      for (Index r = 0; r < height; ++r) {
        const float* row = source + r * a.row;
        for (Index k = 0; k < depth; ++k) packed[k * height + r] = row[k * a.column];
      }
    }
    packed += height * depth;
  }
}

// Copies rows of A whose elements lie next to each other.
void copy_rows(const MatrixView& a, Index rows, Index depth, float* packed) noexcept {
  for (Index i = 0; i < rows; ++i) std::copy_n(a.data + i * a.row, depth, packed + i * copy_row);
}

// The rows begin … end-1 of C.
void multiply_rows(const MatrixView& a, const float* packed_b, const MatmulSizes& sizes, float* c,
                   Index c_row, const MatmulOptions& options, Index begin, Index end) noexcept {
  alignas(64) static thread_local float packed_a[block_rows * copy_row];
  const Index panel = panel_width(sizes.n);

  for (Index i = begin; i < end; i += block_rows) {
    const Index rows = std::min(block_rows, end - i);
    for (Index k = 0; k < std::max<Index>(sizes.k, 1); k += block_depth) {
      const Index depth = std::min(block_depth, sizes.k - k);
      const MatrixView block{a.data + i * a.row + k * a.column, a.row, a.column};
      // Packing pays only when more than one panel reads the rows.
      const bool packs = rows > tile_rows || a.column != 1, copies = keeps_rows && a.column == 1;
      if (packs) (copies ? copy_rows : pack_rows)(block, rows, depth, packed_a);

      for (Index j = 0; j < sizes.n; j += panel) {
        for (Index r = 0; r < rows; r += tile_rows) {
          const Index height = std::min<Index>(tile_rows, rows - r);
          run_tile(
              static_cast<int>(height), panel,
              {.a = packs ? packed_a + r * (copies ? copy_row : depth) : block.data + r * block.row,
               .a_row = packs ? (copies ? copy_row : 1) : block.row,
               .a_depth = packs && !copies ? height : 1,
               .b = packed_b + j * sizes.k + k * panel,
               .depth = depth,
               .c = c + (i + r) * c_row + j,
               .c_row = c_row,
               .columns = std::min(panel, sizes.n - j),
               .bias = options.bias ? options.bias + j : nullptr,
               .from_c = options.accumulate || k > 0});
        }
      }
    }
  }
}

}  // namespace

Index packed_size(Index k, Index n) noexcept {
  const Index panel = panel_width(n);
  return (n + panel - 1) / panel * panel * k;
}

void pack(const MatrixView& b, Index k, Index n, float* packed) noexcept {
  const Index panel = panel_width(n);
  const Index panels = (n + panel - 1) / panel;
  parallel_for(panels, std::max<Index>(1, 16384 / (panel * std::max<Index>(k, 1))),
               [&](Index begin, Index end) {
                 for (Index p = begin; p < end; ++p) {
                   float* target = packed + p * panel * k;
                   const Index columns = std::min(panel, n - p * panel);
                   const float* source = b.data + p * panel * b.column;
                   if (columns < panel) std::fill_n(target, panel * k, 0.0f);
                   if (b.column == 1) {
                     for (Index i = 0; i < k; ++i)
                       std::copy_n(source + i * b.row, columns, target + i * panel);
                   } else {
                     // Several rows at a time, so that both sides are touched a cache line at a
                     // time.
                     constexpr Index lines = 16;
                     for (Index i = 0; i < k; i += lines) {
                       const Index last = std::min(i + lines, k);
                       for (Index j = 0; j < columns; ++j) {
                         const float* column = source + j * b.column;
                         for (Index r = i; r < last; ++r) target[r * panel + j] = column[r * b.row];
                       }
                     }
                   }
                 }
               });
}

void matmul_serial(const MatrixView& a, const float* packed_b, const MatmulSizes& sizes, float* c,
                   Index c_row, const MatmulOptions& options) noexcept {
  multiply_rows(a, packed_b, sizes, c, c_row, options, 0, sizes.m);
}

void matmul(const MatrixView& a, const float* packed_b, const MatmulSizes& sizes, float* c,
            Index c_row, const MatmulOptions& options) noexcept {
  // Few rows are cheaper than waking a thread: reading B once is the limit there.
  const Index work = sizes.n * sizes.k;
  const Index grain_blocks = std::max<Index>(1, 65536 / std::max<Index>(1, work * block_rows));
  const Index blocks = (sizes.m + block_rows - 1) / block_rows;
  parallel_for(blocks, grain_blocks, [&](Index begin, Index end) {
    multiply_rows(a, packed_b, sizes, c, c_row, options, begin * block_rows,
                  std::min(end * block_rows, sizes.m));
  });
}

}  // namespace regard::kernels
