// SPDX-License-Identifier: MIT
#include "kernels/reduce.h"

#include <algorithm>
#include <cmath>

#include "kernels/rows.h"
#include "kernels/simd.h"

namespace regard::kernels {

namespace {

using simd::batch;

// How many batches are added before they go into a double.
constexpr Index short_sum = 32;

// Each reduction is a start and a step.

struct Sum {
  static constexpr float start = 0.0f;
  template <class Number>
  static Number step(Number so_far, Number x) noexcept {
    return so_far + x;
  }
};

struct Maximum {
  static constexpr float start = -simd::infinity;
  // x where it is larger, and where it is NaN
  static batch step(batch so_far, batch x) noexcept {
    return simd::select(x > so_far, x, simd::select(x == x, so_far, x));
  }
  static double step(double so_far, double x) noexcept {
    return x > so_far || std::isnan(x) ? x : so_far;
  }
};

// The reduction of a contiguous row, joined to `total`.
using Row = double (*)(double total, const float* x, Index n) noexcept;

template <class Kind>
double reduce_row(double total, const float* x, Index n) noexcept {
  constexpr Index run = short_sum * simd::width;
  for (Index begin = 0; begin < n; begin += run) {
    batch so_far(Kind::start);
    simd::sweep(std::min(run, n - begin), [&](Index i, auto lanes) {
      so_far = Kind::step(so_far, simd::load(x + begin + i, lanes, Kind::start));
    });
    float lanes[simd::width];
    simd::store(lanes, so_far);
    for (const float lane : lanes) total = Kind::step(total, static_cast<double>(lane));
  }
  return total;
}

// Outputs begin … end-1, each of rows that lie next to each other.
void reduce_rows(Row reduced_row, double start, const Loop& kept, const Loop& reduced,
                 const float* x, float* y, Index begin, Index end) noexcept {
  const Index row = reduced.sizes[static_cast<size_t>(reduced.rank - 1)];
  for (Index place = begin; place < end; ++place) {
    const auto at = offsets_at(kept, place);
    double total = start;
    for (Index i = 0; i < reduced.count; i += row) {
      total = reduced_row(total, x + at[0] + offsets_at(reduced, i)[0], row);
    }
    y[at[1]] = static_cast<float>(total);
  }
}

// Outputs begin … end-1, some along the innermost axis at a time; what each is made of is brought
// together first.
void reduce_columns(Row reduced_row, double start, const Loop& kept, const Loop& reduced,
                    const float* x, float* y, Index begin, Index end) noexcept {
  constexpr Index most = 16, rows = 64;
  const auto inner = static_cast<size_t>(kept.rank - 1);
  const Index row = kept.sizes[inner], step = kept.strides[0][inner];
  const Index y_step = kept.strides[1][inner];
  while (begin < end) {
    const Index columns = std::min({most, row - begin % row, end - begin});
    const auto at = offsets_at(kept, begin);
    double totals[most];
    std::fill_n(totals, columns, start);
    for (Index first = 0; first < reduced.count; first += rows) {
      float block[most][rows];
      const Index n = std::min(rows, reduced.count - first);
      for (Index i = 0; i < n; ++i) {
        const float* from = x + at[0] + offsets_at(reduced, first + i)[0];
        for (Index j = 0; j < columns; ++j) block[j][i] = from[j * step];
      }
      for (Index j = 0; j < columns; ++j) totals[j] = reduced_row(totals[j], block[j], n);
    }
    for (Index j = 0; j < columns; ++j) y[at[1] + j * y_step] = static_cast<float>(totals[j]);
    begin += columns;
  }
}

}  // namespace

void reduce(Reduction kind, const Loop& kept, const Loop& reduced, const float* x,
            float* y) noexcept {
  const bool sums = kind == Reduction::sum;
  const Row row = sums ? reduce_row<Sum> : reduce_row<Maximum>;
  const auto start = static_cast<double>(sums ? Sum::start : Maximum::start);
  const auto inner = static_cast<size_t>(reduced.rank - 1);
  const bool by_rows = reduced.count > 0 && reduced.strides[0][inner] == 1;
  for_rows(kept.count, reduced.count, [&](Index begin, Index end) {
    (by_rows ? reduce_rows : reduce_columns)(row, start, kept, reduced, x, y, begin, end);
  });
}

void cumulative_sum(const float* x, const AxisSizes& sizes, bool from_the_end, float* y) noexcept {
  const auto [outer, n, inner] = sizes;
  for_rows(outer * inner, n, [&](Index begin, Index end) {
    for (Index line = begin; line < end; ++line) {
      const Index first = line / inner * n * inner + line % inner;
      double total = 0.0;
      for (Index i = 0; i < n; ++i) {
        const Index at = first + (from_the_end ? n - 1 - i : i) * inner;
        total += static_cast<double>(x[at]);
        y[at] = static_cast<float>(total);
      }
    }
  });
}

void argmax(const float* x, const AxisSizes& sizes, int32_t* places) noexcept {
  const auto [outer, n, inner] = sizes;
  for_rows(outer * inner, n, [&](Index begin, Index end) {
    for (Index line = begin; line < end; ++line) {
      const float* first = x + line / inner * n * inner + line % inner;
      Index best = 0;
      for (Index i = 1; i < n && !std::isnan(first[best * inner]); ++i) {
        const float value = first[i * inner];
        if (value > first[best * inner] || std::isnan(value)) best = i;
      }
      places[line] = static_cast<int32_t>(best);
    }
  });
}

}  // namespace regard::kernels
