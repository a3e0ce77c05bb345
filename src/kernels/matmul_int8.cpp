// SPDX-License-Identifier: MIT
// Compiled with -ffp-contract=off, as quantization.cpp and for the same reason.
//
// What was tried (GOP/s with activations quantized on the way, 4 rows, widths 256 and 1024, where
// f32 reaches 55-59; the peaks are 86-102, relaxed 92-100, and in Chromium 109 and 222-250):
//   2026-11  without relaxed SIMD, Node: tiles of 4x4, whose eight sums and two vectors of weights
//            leave registers free, 85-92; 4x8 71-79, 2x8 72-80, 3x4 72-83, 3x8 61-65
//   2026-11  relaxed: tiles of 4x8, Node 85-95, Chromium 188-200; 4x12 Node 82-89, Chromium 105;
//            6x8 and 8x4 Node 82-93: no gain
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

// So many rows of A pass by a panel of weights while it stays in L1.
constexpr Index block_rows = 48;
static_assert(block_rows % tile_rows == 0);

constexpr Index fours(Index K) noexcept { return (K + 3) / 4; }
constexpr Index padded(Index N) noexcept { return (N + panel_rows - 1) / panel_rows * panel_rows; }

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

/// One tile of C, from rows of A and a panel of weights.
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
  DotSums sums[Rows][tile_vectors];
  const auto* a = static_cast<const simd::Activation*>(job.a.row(job.first_row));
  const Index a_row = job.a.row_bytes() / static_cast<Index>(sizeof(simd::Activation));
  const int8_t* weights = job.weights;
  for (Index k = 0; k < job.fours; ++k) {
    simd::Weights right[tile_vectors];
    for (int v = 0; v < tile_vectors; ++v) right[v] = simd::load_weights(weights + v * 4 * width);
    for (int i = 0; i < Rows; ++i) {
      for (int v = 0; v < tile_vectors; ++v) simd::add_dot(sums[i][v], right[v], a + i * a_row);
    }
    a += 4;
    weights += panel_step;
  }

  for (int v = 0; v < tile_vectors; ++v) {
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

// Calls tile() for a number of rows that is only known at run time.
template <int Rows>
void tile_of(Index rows, const TileJob& job) noexcept {
  if constexpr (Rows > 0) {
    if (rows == Rows) {
      tile<Rows>(job);
    } else {
      tile_of<Rows - 1>(rows, job);
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
  const Index panels = padded(N) / panel_rows, blocks = (a.rows() + block_rows - 1) / block_rows;
  const auto run = [&](Index block, Index panel) {
    const Index end = std::min(a.rows(), (block + 1) * block_rows), j = panel * panel_rows;
    for (Index i = block * block_rows; i < end; i += tile_rows) {
      tile_of<tile_rows>(std::min<Index>(tile_rows, end - i),
                         {.a = a,
                          .first_row = i,
                          .weights = b.weights + panel * panel_step * fours(K),
                          .fours = fours(K),
                          .scales = b.scales + j,
                          .sums = b.sums + j,
                          .bias = bias ? bias + j : nullptr,
                          .c = c + i * N + j,
                          .c_row = N,
                          .columns = std::min(panel_rows, N - j)});
    }
  };
  // Few rows are shared out by panels, each of which is then read by one thread.
  constexpr Index worthwhile = 1 << 19;
  const Index cost = std::max<Index>(std::min(block_rows, a.rows()) * panel_rows * K, 1);
  parallel_for(blocks * panels, worthwhile / cost + 1, [&](Index begin, Index end) {
    for (Index job = begin; job < end; ++job) run(job / panels, job % panels);
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
