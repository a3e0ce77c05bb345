// SPDX-License-Identifier: MIT
// What was tried (65 keys, 4 heads of 64, in L2; µs for products and sums in Node / Chromium):
//   2026-11  four rows at a time: 1.08 + 0.94 / 1.07 + 0.93
//   2026-11  sums of 16 rows in 4 or 8 batches of registers: 1.18, 0.99 / 1.23, 0.93; of 8 rows:
//            1.22 / 0.80; not reading what has no weight: 0.2 more
//   2026-11  the four sums of products put together by shuffles, not one by one: 1.21 / 0.97
#include "kernels/key_rows.h"

#include <algorithm>

#include "kernels/simd.h"

namespace regard::kernels {

namespace {

using simd::batch;
constexpr Index width = simd::width;

// So many rows at once, head by head: none of their products waits for another, what is common to
// them is loaded once, and all of each row is read one after the other from where it lies.
constexpr int rows_at_once = 4;

// One head of `Keys` keys.
template <int Keys>
void products_of(const float* query, const float* const* keys, Index offset, Index D, float scale,
                 float* products) noexcept {
  batch even[Keys], odd[Keys];
  for (int k = 0; k < Keys; ++k) even[k] = odd[k] = simd::broadcast(0.0f);
  Index i = 0;
  for (; i + 2 * width <= D; i += 2 * width) {
    const batch first = simd::load(query + i), second = simd::load(query + i + width);
    for (int k = 0; k < Keys; ++k) {
      const float* key = keys[k] + offset + i;
      even[k] = simd::multiply_add(first, simd::load(key), even[k]);
      odd[k] = simd::multiply_add(second, simd::load(key + width), odd[k]);
    }
  }
  for (; i + width <= D; i += width) {
    const batch first = simd::load(query + i);
    for (int k = 0; k < Keys; ++k) {
      even[k] = simd::multiply_add(first, simd::load(keys[k] + offset + i), even[k]);
    }
  }
  for (int k = 0; k < Keys; ++k) {
    float sum = simd::reduce_add(even[k] + odd[k]);
    for (Index j = i; j < D; ++j) sum += query[j] * keys[k][offset + j];
    products[k] = scale * sum;
  }
}

// Adds what `Rows` rows give to the numbers begin … end-1 of a sum.
template <int Rows>
void add_rows(const float* weights, const float* const* rows, Index begin, Index end,
              float* out) noexcept {
  batch weight[Rows];
  const float* row[Rows];
  for (int k = 0; k < Rows; ++k) {
    weight[k] = simd::broadcast(weights[k]);
    row[k] = rows[k];
  }
  Index i = begin;
  for (; i + width <= end; i += width) {
    batch sum = simd::load(out + i);
    for (int k = 0; k < Rows; ++k) {
      sum = simd::multiply_add(weight[k], simd::load(row[k] + i), sum);
    }
    simd::store(out + i, sum);
  }
  for (; i < end; ++i) {
    for (int k = 0; k < Rows; ++k) out[i] += weights[k] * rows[k][i];
  }
}

}  // namespace

void key_products(const float* query, const KeyRows& keys, float scale, float* products,
                  Index stride) noexcept {
  const auto [rows, count, H, D] = keys;
  Index s = 0;
  for (; s + rows_at_once <= count; s += rows_at_once) {
    for (Index h = 0; h < H; ++h) {
      products_of<rows_at_once>(query + h * D, rows + s, h * D, D, scale,
                                products + h * stride + s);
    }
  }
  for (; s < count; ++s) {
    for (Index h = 0; h < H; ++h) {
      products_of<1>(query + h * D, rows + s, h * D, D, scale, products + h * stride + s);
    }
  }
}

void value_sums(const float* weights, Index stride, const KeyRows& values, float* out) noexcept {
  const auto [rows, count, H, D] = values;
  std::fill_n(out, H * D, 0.0f);
  Index s = 0;
  for (; s + rows_at_once <= count; s += rows_at_once) {
    for (Index h = 0; h < H; ++h) {
      add_rows<rows_at_once>(weights + h * stride + s, rows + s, h * D, (h + 1) * D, out);
    }
  }
  for (; s < count; ++s) {
    for (Index h = 0; h < H; ++h) {
      add_rows<1>(weights + h * stride + s, rows + s, h * D, (h + 1) * D, out);
    }
  }
}

}  // namespace regard::kernels
