// SPDX-License-Identifier: MIT
#include "attention/cached.h"

#include <algorithm>
#include <cmath>
#include <iterator>

#include "kernels/dot.h"
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

// The edits of one row and head; of none, nothing is done.
struct RowEdits {
  const CachedEdits* edits;
  size_t row;
  Index head;

  void apply(Stage stage, Index width, float* numbers) const noexcept {
    if (!edits) return;
    attention::apply(edits->edits, stage, edits->batches[row], head, edits->row, width, numbers);
  }
};

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
  std::vector<const float*> head_values;

  for (Index r = 0; r < rows; ++r) {
    const auto& keys = cached.keys[static_cast<size_t>(r)];
    const auto& values = cached.values[static_cast<size_t>(r)];
    const Index count = static_cast<Index>(keys.size());
    for (Index h = 0; h < H; ++h) {
      const RowEdits edited{edits, static_cast<size_t>(r), h};
      float* query = queries.data() + r * M + h * D;
      float* context = output.data() + r * M + h * D;
      edited.apply(Stage::queries, D, query);
      float* weight = weights.data() + (r * H + h) * S;
      head_values.resize(values.size());
      for (size_t s = 0; s < keys.size(); ++s) {
        weight[s] = scale * kernels::dot(query, keys[s] + h * D, D);
        head_values[s] = values[s] + h * D;
      }
      for (const Stage stage : {Stage::raw, Stage::capped, Stage::masked}) {
        edited.apply(stage, count, weight);
      }
      kernels::softmax_row(weight, weight, count);
      edited.apply(Stage::weights, count, weight);
      std::fill(weight + count, weight + S, 0.0f);
      kernels::weighted_sum(weight, head_values.data(), count, context, D);
      edited.apply(Stage::context, D, context);
    }
  }
  return output;
}

}  // namespace regard::attention
