// SPDX-License-Identifier: MIT
// Compiled with -ffp-contract=off, as quantization.cpp and for the same reason.
//
// What was tried (GOP/s with activations quantized on the way, 4 rows, widths 256 and 1024, where
// f32 reaches 55-59; the peaks are 86-102, relaxed 92-100, and in Chromium 109 and 222-250):
//   2026-11  without relaxed SIMD, Node: tiles of 4x4, whose eight sums and two vectors of weights
//            leave registers free, 85-92; 4x8 71-79, 2x8 72-80, 3x4 72-83, 3x8 61-65
//   2026-11  relaxed: tiles of 4x8, Node 85-95, Chromium 188-200; 4x12 Node 82-89, Chromium 105;
//            6x8 and 8x4 Node 82-93: no gain
//   2026-11  one row, without relaxed SIMD, Node: four panels at a time 61-67, one 54-56; two rows,
//            two panels at a time: no gain
#include "kernels/matmul_int8.h"

#include <algorithm>

#include "kernels/simd_int8.h"
#include "tensor/parallel.h"

namespace regard::kernels {

namespace {

using simd::batch;
using simd::DotSums;
constexpr Index width = simd::width;

// A tile of C lives in registers, eight to twelve of sixteen; rows of A come one value at a time. A
// panel holds the weights of a tile: of so many rows of W, four along the depth beside each other.
constexpr int tile_rows = simd::registers >= 32 ? 12 : 4;
constexpr int tile_vectors = 2 / simd::dot_registers;
constexpr Index panel_rows = tile_vectors * width;
constexpr Index panel_step = 4 * panel_rows;

// One row has a tile over several panels, so that as many sums are under way as the latency of a
// dot product asks for; so panels come in groups.
constexpr int group_panels = 4;
constexpr int panels_of(int rows) noexcept { return rows == 1 ? group_panels : 1; }
constexpr Index group_rows = group_panels * panel_rows;

// So many rows of A pass by a panel of weights while it stays in L1.
constexpr Index block_rows = 48;
static_assert(block_rows % tile_rows == 0);

constexpr Index fours(Index K) noexcept { return (K + 3) / 4; }
constexpr Index padded(Index N) noexcept { return (N + group_rows - 1) / group_rows * group_rows; }

// Where the parts of a packed weight lie.
struct Packed {
  const int8_t* weights;
  const float* scales;
  const int32_t* sums;

  Packed(const float* packed, Index N, Index K) noexcept
      : weights(reinterpret_cast<const int8_t*>(packed)),
        scales(packed + padded(N) * fours(K)),
        sums(reinterpret_cast<const int32_t*>(scales + padded(N))) {}
};

/// One tile of C, from rows of A and a panel of weights or several; `columns` of them lie within C.
struct TileJob {
  const QuantizedRows& a;
  Index first_row;
  const int8_t* weights;
  Index fours;
  const float* scales;
  const int32_t* sums;
  const float* bias;
  float* c;
  Index c_row;
  Index columns;
};

template <int Rows>
void tile(const TileJob& job) noexcept {
  constexpr int vectors = panels_of(Rows) * tile_vectors;
  DotSums sums[Rows][vectors];
  const auto* a = static_cast<const simd::Activation*>(job.a.row(job.first_row));
  const Index a_row = job.a.row_bytes() / static_cast<Index>(sizeof(simd::Activation));
  const int8_t* weights = job.weights;
  for (Index k = 0; k < job.fours; ++k) {
    for (int p = 0; p < vectors; p += tile_vectors) {
      const int8_t* panel = weights + p / tile_vectors * panel_step * job.fours;
      simd::Weights right[tile_vectors];
      for (int v = 0; v < tile_vectors; ++v) right[v] = simd::load_weights(panel + v * 4 * width);
      for (int i = 0; i < Rows; ++i) {
        for (int v = 0; v < tile_vectors; ++v) {
          simd::add_dot(sums[i][p + v], right[v], a + i * a_row);
        }
      }
    }
    a += 4;
    weights += panel_step;
  }

  for (int v = 0; v < vectors; ++v) {
    const Index j = v * width;
    if (j >= job.columns) break;
    const simd::Rest rest{job.columns - j};
    const batch scales = simd::load(job.scales + j);
    const batch bias = job.bias ? simd::load(job.bias + j, rest) : batch(0.0f);
    for (int i = 0; i < Rows; ++i) {
      const Index row = job.first_row + i;
      const batch sum = simd::corrected(sums[i][v], job.sums + j, job.a.zero(row));
      const batch scaled = sum * (scales * simd::broadcast(job.a.scale(row)));
      simd::store(job.c + i * job.c_row + j, scaled + bias, rest);
    }
  }
}

// The columns of C that a group of panels gives, for a number of rows that is only known at run
// time.
template <int Rows>
void tiles_of(Index rows, const TileJob& group) noexcept {
  if constexpr (Rows > 0) {
    if (rows != Rows) return tiles_of<Rows - 1>(rows, group);
    constexpr Index step = panels_of(Rows) * panel_rows;
    for (Index j = 0; j < group.columns; j += step) {
      TileJob job = group;
      job.weights += j * 4 * group.fours;
      job.scales += j;
      job.sums += j;
      if (job.bias) job.bias += j;
      job.c += j;
      job.columns -= j;
      tile<Rows>(job);
    }
  }
}

}  // namespace

Index packed_size_int8(Index N, Index K) noexcept { return padded(N) * (fours(K) + 2); }

void pack_int8(const int8_t* quantized, const float* scales, Index N, Index K,
               float* packed) noexcept {
  std::fill_n(packed, packed_size_int8(N, K), 0.0f);
  const Packed to(packed, N, K);
  auto* const weights = const_cast<int8_t*>(to.weights);
  std::copy_n(scales, N, const_cast<float*>(to.scales));
  for (Index n = 0; n < N; ++n) {
    int8_t* panel = weights + n / panel_rows * panel_step * fours(K) + n % panel_rows * 4;
    const int8_t* row = quantized + n * K;
    int32_t sum = 0;
    for (Index k = 0; k < K; ++k) {
      panel[k / 4 * panel_step + k % 4] = row[k];
      sum += row[k];
    }
    const_cast<int32_t*>(to.sums)[n] = sum;
  }
}

void matmul_int8(const QuantizedRows& a, const float* packed, Index N, Index K, float* c,
                 const float* bias) noexcept {
  const Packed b(packed, N, K);
  const Index groups = padded(N) / group_rows, blocks = (a.rows() + block_rows - 1) / block_rows;
  const auto run = [&](Index block, Index group) {
    const Index end = std::min(a.rows(), (block + 1) * block_rows), j = group * group_rows;
    for (Index i = block * block_rows; i < end; i += tile_rows) {
      tiles_of<tile_rows>(std::min<Index>(tile_rows, end - i),
                          {.a = a,
                           .first_row = i,
                           .weights = b.weights + j * 4 * fours(K),
                           .fours = fours(K),
                           .scales = b.scales + j,
                           .sums = b.sums + j,
                           .bias = bias ? bias + j : nullptr,
                           .c = c + i * N + j,
                           .c_row = N,
                           .columns = std::min(group_rows, N - j)});
    }
  };
  // Few rows are shared out by groups, each of which is then read by one thread.
  constexpr Index worthwhile = 1 << 19;
  const Index cost = std::max<Index>(std::min(block_rows, a.rows()) * group_rows * K, 1);
  parallel_for(blocks * groups, worthwhile / cost + 1, [&](Index begin, Index end) {
    for (Index job = begin; job < end; ++job) run(job / groups, job % groups);
  });
}

void unpack_row_int8(const float* packed, Index N, Index K, Index n, float* row) noexcept {
  const Packed from(packed, N, K);
  const int8_t* panel = from.weights + n / panel_rows * panel_step * fours(K) + n % panel_rows * 4;
  const float scale = from.scales[n];
  for (Index k = 0; k < K; ++k) {
    row[k] = scale * static_cast<float>(panel[k / 4 * panel_step + k % 4]);
  }
}

}  // namespace regard::kernels
