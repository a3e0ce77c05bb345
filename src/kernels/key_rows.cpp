// SPDX-License-Identifier: MIT
// What was tried (65 keys, 4 heads of 64, from the last level of cache):
//   2026-11  a dot product for each key and head, heads outermost, and then sums of the same: rows
//   are
//            read in pieces, each product waits for its own additions
#include "kernels/key_rows.h"

#include <algorithm>

#include "kernels/simd.h"

namespace regard::kernels {

namespace {

using simd::batch;
constexpr Index width = simd::width;

// So many keys at once: none of their sums waits for another, and a batch of the query is loaded
// once for all of them.
constexpr int keys_at_once = 4;

// So many rows are gone through for one head after the other: they are read from where they lie
// only once, and stay in L1 meanwhile.
constexpr Index block = 16;

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

// Adds to the numbers begin … begin + Vectors * width - 1 of a row what `count` rows give.
template <int Vectors>
void add_rows(const float* weights, const float* const* rows, Index count, Index begin,
              float* out) noexcept {
  batch sums[Vectors];
  for (int v = 0; v < Vectors; ++v) sums[v] = simd::load(out + begin + v * width);
  for (Index s = 0; s < count; ++s) {
    if (weights[s] == 0) continue;
    const batch weight = simd::broadcast(weights[s]);
    const float* row = rows[s] + begin;
    for (int v = 0; v < Vectors; ++v) {
      sums[v] = simd::multiply_add(weight, simd::load(row + v * width), sums[v]);
    }
  }
  for (int v = 0; v < Vectors; ++v) simd::store(out + begin + v * width, sums[v]);
}

}  // namespace

void key_products(const float* query, const KeyRows& keys, float scale, float* products,
                  Index stride) noexcept {
  const auto [rows, count, H, D] = keys;
  Index s = 0;
  for (; s + keys_at_once <= count; s += keys_at_once) {
    for (Index h = 0; h < H; ++h) {
      products_of<keys_at_once>(query + h * D, rows + s, h * D, D, scale,
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
  for (Index first = 0; first < count; first += block) {
    const Index some = std::min(block, count - first);
    for (Index h = 0; h < H; ++h) {
      const float* weight = weights + h * stride + first;
      const Index end = (h + 1) * D;
      Index i = h * D;
      for (; i + 4 * width <= end; i += 4 * width) add_rows<4>(weight, rows + first, some, i, out);
      for (; i + width <= end; i += width) add_rows<1>(weight, rows + first, some, i, out);
      for (; i < end; ++i) {
        for (Index s = 0; s < some; ++s) {
          if (weight[s] != 0) out[i] += weight[s] * rows[first + s][i];
        }
      }
    }
  }
}

}  // namespace regard::kernels
