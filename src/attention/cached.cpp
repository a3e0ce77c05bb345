// SPDX-License-Identifier: MIT
#include "attention/cached.h"

#include <algorithm>
#include <cmath>
#include <iterator>

#include "kernels/key_rows.h"
#include "kernels/softmax.h"

namespace regard::attention {

namespace {

void expect_keys(const CachedKeys& cached, Index rows, Index S) {
  const auto count = static_cast<size_t>(rows);
  if (cached.keys.size() != count || cached.values.size() != count) {
    throw ShapeError("cached_attention: keys are of ", cached.keys.size(), " rows and values of ",
                     cached.values.size(), ", expected ", rows);
  }
  for (size_t r = 0; r < count; ++r) {
    const size_t keys = cached.keys[r].size(), values = cached.values[r].size();
    if (keys != values || keys > static_cast<size_t>(S)) {
      throw ShapeError("cached_attention: row ", r, " has ", keys, " keys and ", values,
                       " values, expected as many, at most ", S);
    }
  }
}

void expect_edits(const CachedEdits& edits, const CachedKeys& cached, Index H, Index D) {
  expect_shape("cached_attention", "the list of batches", {std::ssize(edits.batches)},
               {std::ssize(cached.keys)});
  for (const Edit& edit : edits.edits) {
    if (edit.head < Edit::all || edit.head >= H) {
      throw ValueError("cached_attention: an edit is of head ", edit.head, ", expected 0 to ",
                       H - 1);
    }
    if (edit.row != Edit::all && edit.row != edits.row) continue;
    const bool of_keys = edit.stage >= Stage::raw && edit.stage <= Stage::weights;
    for (size_t r = 0; r < cached.keys.size(); ++r) {
      if (edit.batch != Edit::all && edit.batch != edits.batches[r]) continue;
      const Index width = of_keys ? std::ssize(cached.keys[r]) : D, count = edit.values.count();
      if (count == 1 || count == width) continue;
      throw ShapeError("cached_attention: an edit has ", count, " values, expected 1 or ", width);
    }
  }
}

// Carries out the edits of one row and head.
void edit_head(const CachedEdits& edits, size_t row, Index head, Stage stage, Index width,
               float* numbers) noexcept {
  attention::apply(edits.edits, stage, edits.batches[row], head, edits.row, width, numbers);
}

}  // namespace

Tensor cached_attention(const Tensor& q, const CachedKeys& cached, Index H, Tensor& weights,
                        const CachedEdits* edits) {
  const Index rows = q.size(0), M = q.size(1), D = M / H, S = weights.size(-1);
  expect_shape("cached_attention", "weights", weights.shape(), {rows, H, S});
  expect_keys(cached, rows, S);
  if (edits) expect_edits(*edits, cached, H, D);
  Tensor queries = edits ? q.clone() : q;
  Tensor output = Tensor::empty(q.shape());
  const float scale = 1.0f / std::sqrt(static_cast<float>(D));

  for (Index r = 0; r < rows; ++r) {
    const auto row = static_cast<size_t>(r);
    const auto& keys = cached.keys[row];
    const Index count = static_cast<Index>(keys.size());
    float* query = queries.data() + r * M;
    float* context = output.data() + r * M;
    float* row_weights = weights.data() + r * H * S;
    const auto edit_heads = [&](Stage stage, float* numbers) {
      if (!edits) return;
      for (Index h = 0; h < H; ++h) edit_head(*edits, row, h, stage, D, numbers + h * D);
    };

    edit_heads(Stage::queries, query);
    kernels::key_products(query, {keys.data(), count, H, D}, scale, row_weights, S);
    for (Index h = 0; h < H; ++h) {
      float* weight = row_weights + h * S;
      if (edits) {
        for (const Stage stage : {Stage::raw, Stage::capped, Stage::masked}) {
          edit_head(*edits, row, h, stage, count, weight);
        }
      }
      kernels::softmax_row(weight, weight, count);
      if (edits) edit_head(*edits, row, h, Stage::weights, count, weight);
      std::fill(weight + count, weight + S, 0.0f);
    }
    kernels::value_sums(row_weights, S, {cached.values[row].data(), count, H, D}, context);
    edit_heads(Stage::context, context);
  }
  return output;
}

}  // namespace regard::attention
