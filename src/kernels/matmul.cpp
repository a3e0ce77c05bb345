// SPDX-License-Identifier: MIT
// What was tried, in GFLOP/s:
//   2026-11  AVX-512, products of a Transformer of width 256, on a core that reaches 267: rows of A
//            copied as they are instead of transposed, blocks of 96 rows instead of 48, each
//            finished over the whole depth: 180-220 became 215-245; tiles of C fetched ahead: no
//            gain
//   2026-11  tiles that stick out of C set up and copied back out of line: as fast, and 2 kB of a
//            compressed wasm module less
//   2026-11  wasm, 4 rows and 256 x 256, Node 20 without and with relaxed SIMD, on a core that
//            reaches 65: tiles in place, four loops deep, where V8 unrolls them: 60 and 60; the
//            same tile behind a call: 49 and 56; unrolled by the compiler: 38
//   2026-11  wasm: rows of A read where they are: 60 for 57 copied in groups of four
//   2026-11  wasm, one row: eight vectors from four panels, behind a call: 48 and 53; one panel at
//   a
//            time: 32 and 19; in place: 29 and 26
//   2026-11  wasm, a Transformer's layer of 256 tokens, width 256, feed-forward 1024, 8 ms: its
//   ReLU as
//            a pass of its own takes 0.06 ms, which rows save that are still in the cache; its two
//            residual sums 0.03 ms, which are left as they are
//   2026-11  wasm: panels of 24 columns, for one row to read one stream: 84 GB/s of weights from
//   the
//            third cache for 78, but tiles of four rows lose a fifth: two of three loads of a line
//            come much later
//   2026-11  AVX-512, 12 rows in a tile: their values of A all broadcast before the products, as
//            four rows want it, spill: 126 for 252
#include "kernels/matmul.h"

#include <algorithm>

#include "kernels/simd.h"
#include "tensor/parallel.h"

namespace regard::kernels {

namespace {

using simd::batch;
constexpr Index width = simd::width;

// A tile of C lives in registers: `tile_rows` times `tile_vectors` sums, a broadcast value of each
// row of A and one vector of B.
constexpr int tile_rows = simd::registers >= 32 ? 12 : 4;
constexpr int tile_vectors = 2;
constexpr Index panel_columns = tile_vectors * width;

// Few rows have tiles over several panels, so that as many sums are under way as the latency of an
// addition asks for.
constexpr int vectors_of(int rows) noexcept { return rows == 1 ? 8 : rows == 2 ? 4 : tile_vectors; }

// While every panel of B passes, a block of A, (block_rows, block_depth), stays in L2; a panel's
// block_depth rows stay in L1 meanwhile.
constexpr Index block_rows = simd::registers >= 32 ? 96 : 48;
constexpr Index block_depth = 256;
static_assert(block_rows % tile_rows == 0);

// Rows of A whose elements lie next to each other are read where they are; with many rows in a tile
// they are copied first, a cache line apart, so that they do not compete for the same lines.
constexpr bool copies_rows = simd::registers >= 32;
constexpr Index copy_row = block_depth + 16;

// B narrower than one vector gets panels of one vector, so that less of a tile is idle.
constexpr Index panel_width(Index n) noexcept { return n <= width ? width : panel_columns; }

/// One tile of C from some rows of A and a panel of B or several, which begin `b_panel` apart. Sums
/// start from the bias or zero, or from C.
struct TileJob {
  const float* a;
  Index a_row;
  Index a_depth;
  const float* b;
  Index b_row;
  Index b_panel;
  Index depth;
  float* c;
  Index c_row;
  Index columns;
  const float* bias;
  bool from_c;
};

// In place: V8 unrolls a loop the more often the deeper it is nested.
template <int Rows, int Vectors>
[[gnu::always_inline]] inline void tile(const TileJob& job) noexcept {
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

  constexpr int step = std::min(Vectors, tile_vectors);
  const float* a = job.a;
  const float* b = job.b;
  for (Index k = 0; k < job.depth; ++k) {
    const auto load_right = [&](int v) {
      return simd::load(b + v / step * job.b_panel + v % step * width);
    };
    if constexpr (Rows > 8) {  // 24 sums leave no room for as many rows of A
      batch right[Vectors];
      for (int v = 0; v < Vectors; ++v) right[v] = load_right(v);
      for (int i = 0; i < Rows; ++i) {
        const batch left = simd::broadcast(a[i * job.a_row]);
        for (int v = 0; v < Vectors; ++v) {
          sums[i][v] = simd::multiply_add(left, right[v], sums[i][v]);
        }
      }
    } else {
      batch left[Rows];
      for (int i = 0; i < Rows; ++i) left[i] = simd::broadcast(a[i * job.a_row]);
      for (int v = 0; v < Vectors; ++v) {
        const batch right = load_right(v);
        for (int i = 0; i < Rows; ++i) {
          sums[i][v] = simd::multiply_add(left[i], right, sums[i][v]);
        }
      }
    }
    a += copies_rows ? job.a_depth : 1;
    b += Vectors > 1 ? panel_columns : job.b_row;
  }

  for (int i = 0; i < Rows; ++i) {
    for (int v = 0; v < Vectors; ++v) simd::store(job.c + i * job.c_row + v * width, sums[i][v]);
  }
}

// One row has so many sums that unrolling would spill them: a function of its own, not nested. Jobs
// go to functions by value, so that the others' need not be in memory.
template <int Vectors>
[[gnu::noinline]] void row_tile(TileJob job) noexcept {
  tile<1, Vectors>(job);
}

// Calls tile() for sizes that are only known at run time: vectors_of(rows), 2 or 1 vectors.
template <int Rows>
[[gnu::always_inline]] inline void tile_of(int rows, int vectors, const TileJob& job) noexcept {
  if constexpr (Rows > 0) {
    if (rows != Rows) {
      tile_of<Rows - 1>(rows, vectors, job);
    } else if (Rows == 1) {
      vectors == vectors_of(1) ? row_tile<vectors_of(1)>(job)
      : vectors == 1           ? row_tile<1>(job)
                               : row_tile<tile_vectors>(job);
    } else if (vectors == 1) {
      tile<Rows, 1>(job);
    } else if (vectors == vectors_of(Rows)) {
      tile<Rows, vectors_of(Rows)>(job);
    } else {
      tile<Rows, tile_vectors>(job);
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

  [[gnu::noinline]] void open(int rows, Index width_of_tile, TileJob job) noexcept {
    std::fill_n(tile, rows * width_of_tile, 0.0f);
    if (!job.from_c && !job.bias) return;
    for (int i = 0; i < rows; ++i) {
      const float* start = job.from_c ? job.c + i * job.c_row : job.bias;
      each_vector(job.columns, [&](Index j, auto lanes) {
        simd::store(tile + i * width_of_tile + j, simd::load(start + j, lanes));
      });
    }
  }

  [[gnu::noinline]] void close(int rows, Index width_of_tile, TileJob job) const noexcept {
    for (int i = 0; i < rows; ++i) {
      each_vector(job.columns, [&](Index j, auto lanes) {
        simd::store(job.c + i * job.c_row + j, simd::load(tile + i * width_of_tile + j), lanes);
      });
    }
  }
};

[[gnu::always_inline]] inline void run_tile(int rows, int vectors, const TileJob& job) noexcept {
  Edge edge;
  TileJob inner = job;
  const bool whole = job.columns >= vectors * width;
  if (!whole) {
    edge.open(rows, vectors * width, job);
    inner.c = edge.tile;
    inner.c_row = vectors * width;
    inner.from_c = true;
  }
  tile_of<tile_rows>(rows, vectors, inner);
  if (!whole) edge.close(rows, vectors * width, job);
}

// Copies rows of A into the order in which tiles read them: with many rows in a tile depth-major,
// tile_rows at a time, a last, lower group with its own height; else row by row.
void pack_rows(const MatrixView& a, Index rows, Index depth, float* packed) noexcept {
  for (Index i = 0; i < rows; i += tile_rows) {
    const Index height = std::min<Index>(tile_rows, rows - i);
    const float* source = a.data + i * a.row;
    if (!copies_rows) {
      Index k = 0;
      if (a.row == 1 && height == width) {
        for (; k + width <= depth; k += width) {
          batch square[width];
          for (Index r = 0; r < width; ++r) square[r] = simd::load(source + (k + r) * a.column);
          simd::transpose(square);
          for (Index r = 0; r < width; ++r) simd::store(packed + r * depth + k, square[r]);
        }
      }
      for (; k < depth; ++k) {
        for (Index r = 0; r < height; ++r) packed[r * depth + k] = source[r * a.row + k * a.column];
      }
    } else if (a.row == 1 && height == tile_rows) {
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
  const PackedPart& part = options.part;
  const Index panel = panel_width(part.n ? part.n : sizes.n);
  const Index b_panel = panel * (part.k ? part.k : sizes.k);
  const Index stop = part.column + sizes.n;

  for (Index i = begin; i < end; i += block_rows) {
    const Index rows = std::min(block_rows, end - i);
    for (Index k = 0; k < std::max<Index>(sizes.k, 1); k += block_depth) {
      const Index depth = std::min(block_depth, sizes.k - k);
      const MatrixView block{a.data + i * a.row + k * a.column, a.row, a.column};
      const bool packs = a.column != 1, copies = !packs && copies_rows && rows > tile_rows;
      if (packs) pack_rows(block, rows, depth, packed_a);
      if (copies) copy_rows(block, rows, depth, packed_a);
      const float* left = packs || copies ? packed_a : block.data;
      const Index left_row = packs ? depth : copies ? copy_row : block.row;

      // tiles of full height from one panel after the other, then what is left of the rows
      for (Index first = 0, last; first < rows; first = last) {
        last = first + tile_rows <= rows ? rows - rows % tile_rows : rows;
        const int height = static_cast<int>(std::min<Index>(tile_rows, last - first));
        for (Index j = part.column, vectors; j < stop; j += vectors * width) {
          const Index beside = panel == width ? 1 : (stop - j + width - 1) / width;
          vectors = beside >= vectors_of(height) ? vectors_of(height)
                                                 : std::min<Index>(beside, tile_vectors);
          for (Index row = first; row < last; row += height) {
            run_tile(height, static_cast<int>(vectors),
                     {.a = left + row * left_row,
                      .a_row = packs && copies_rows ? 1 : left_row,
                      .a_depth = packs && copies_rows ? height : 1,
                      .b = packed_b + j / panel * b_panel + (part.row + k) * panel,
                      .b_row = panel,
                      .b_panel = b_panel,
                      .depth = depth,
                      .c = c + (i + row) * c_row + j - part.column,
                      .c_row = c_row,
                      .columns = stop - j,
                      .bias = options.bias ? options.bias + j - part.column : nullptr,
                      .from_c = options.accumulate || k > 0});
          }
        }
      }
    }
    for (Index row = i; row < i + rows && options.activation != Activation::identity; ++row) {
      activate(options.activation, c + row * c_row, c + row * c_row, sizes.n);
    }
  }
}

// Rows begin … end-1 and columns first … last-1 of a panel, several rows at a time, so that both
// sides are touched a cache line at a time.
void copy_part(const MatrixView& b, Index begin, Index end, Index first, Index last, Index panel,
               float* packed) noexcept {
  constexpr Index lines = 16;
  for (Index i = begin; i < end; i += lines) {
    const Index stop = std::min(i + lines, end);
    for (Index j = first; j < last; ++j) {
      const float* column = b.data + j * b.column;
      for (Index r = i; r < stop; ++r) packed[r * panel + j] = column[r * b.row];
    }
  }
}

// A panel of B, (k, columns), whose rows' elements lie next to each other.
void pack_rows_of_panel(const MatrixView& b, Index k, Index columns, Index panel,
                        float* packed) noexcept {
  const Index whole = columns - columns % width;
  for (Index i = 0; i < k; ++i) {
    const float* source = b.data + i * b.row;
    Index j = 0;
    for (; j < whole; j += width) simd::store(packed + j, simd::load(source + j));
    if (j < columns) {
      simd::store(packed + j, simd::load(source + j, simd::Part{columns - j}));
      j += width;
    }
    for (; j < panel; j += width) simd::store(packed + j, batch(0.0f));
    packed += panel;
  }
}

// Any other panel of B, zero from `columns` on.
void pack_panel(const MatrixView& b, Index k, Index columns, Index panel, float* packed) noexcept {
  if (columns < panel) std::fill_n(packed, panel * k, 0.0f);
  Index done = 0;  // rows of which whole squares are transposed in registers
  if (b.row == 1 && width <= 8) {
    for (; done + width <= k; done += width) {
      Index j = 0;
      for (; j + width <= columns; j += width) {
        batch square[width];
        for (Index i = 0; i < width; ++i) {
          square[i] = simd::load(b.data + (j + i) * b.column + done);
        }
        simd::transpose(square);
        for (Index i = 0; i < width; ++i) simd::store(packed + (done + i) * panel + j, square[i]);
      }
      copy_part(b, done, done + width, j, columns, panel, packed);
    }
  }
  copy_part(b, done, k, 0, columns, panel, packed);
}

}  // namespace

Index packed_size(Index k, Index n) noexcept {
  const Index panel = panel_width(n);
  return (n + panel - 1) / panel * panel * k;
}

Index tile_start(Index column) noexcept { return column - column % panel_columns; }

void pack(const MatrixView& b, Index k, Index n, float* packed) noexcept {
  const Index panel = panel_width(n);
  const Index panels = (n + panel - 1) / panel;
  parallel_for(panels, std::max<Index>(1, 16384 / (panel * std::max<Index>(k, 1))),
               [&](Index begin, Index end) {
                 for (Index p = begin; p < end; ++p) {
                   const MatrixView part{b.data + p * panel * b.column, b.row, b.column};
                   const Index columns = std::min(panel, n - p * panel);
                   (b.column == 1 ? pack_rows_of_panel : pack_panel)(part, k, columns, panel,
                                                                     packed + p * panel * k);
                 }
               });
}

void matmul_serial(const MatrixView& a, const float* packed_b, const MatmulSizes& sizes, float* c,
                   Index c_row, const MatmulOptions& options) noexcept {
  multiply_rows(a, packed_b, sizes, c, c_row, options, 0, sizes.m);
}

void matmul(const MatrixView& a, const float* packed_b, const MatmulSizes& sizes, float* c,
            Index c_row, const MatmulOptions& options) noexcept {
  // threads share rows by a few tiles; some 2 µs of them are worth being a range of their own
  constexpr Index step = 4 * tile_rows, worthwhile = 60000;
  const Index steps = (sizes.m + step - 1) / step;
  const Index cost = std::max<Index>(1, step * sizes.n * sizes.k);
  parallel_for(steps, std::max<Index>(1, worthwhile / cost), [&](Index begin, Index end) {
    multiply_rows(a, packed_b, sizes, c, c_row, options, begin * step,
                  std::min(end * step, sizes.m));
  });
}

}  // namespace regard::kernels
