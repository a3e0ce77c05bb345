// SPDX-License-Identifier: MIT
#include "layers/key_value_cache.h"

#include <algorithm>
#include <numeric>

namespace regard::layers {

namespace {

// Copies `count` places of each row to places from `first` on.
void copy_places(const Tensor& from, Index row, Index count, Tensor& to, Index target_row,
                 Index first) {
  const Index M = from.size(2);
  std::copy_n(from.data() + row * from.size(1) * M, count * M,
              to.data() + (target_row * to.size(1) + first) * M);
}

}  // namespace

KeyValueCache::KeyValueCache(Index B, Index M, Index capacity) {
  if (B < 1 || M < 1 || capacity < 1) {
    throw ValueError("cache: a batch of ", B, ", a width of ", M, " and room for ", capacity,
                     " places, expected at least 1 of each");
  }
  keys_ = Tensor::empty({B, capacity, M});
  values_ = Tensor::empty({B, capacity, M});
}

const attention::CachedKeys& KeyValueCache::rows() {
  const auto B = static_cast<size_t>(batch());
  const auto count = static_cast<size_t>(length_);
  key_rows_.resize(B);
  value_rows_.resize(B);
  rows_.keys.resize(B);
  rows_.values.resize(B);
  for (size_t b = 0; b < B; ++b) {
    for (size_t s = key_rows_[b].size(); s < count; ++s) {
      const Index at = (static_cast<Index>(b) * capacity() + static_cast<Index>(s)) * width();
      key_rows_[b].push_back(keys_.data() + at);
      value_rows_[b].push_back(values_.data() + at);
    }
    rows_.keys[b] = std::span(key_rows_[b]).first(count);
    rows_.values[b] = std::span(value_rows_[b]).first(count);
  }
  return rows_;
}

void KeyValueCache::append(const Tensor& keys, const Tensor& values) {
  const Index L = keys.shape().rank() == 3 ? keys.size(1) : 0;
  const Shape expected{batch(), L, width()};
  if (keys.shape() != expected) {
    throw ShapeError("cache: keys are ", keys.shape(), ", expected (", batch(), ", L, ", width(),
                     ")");
  }
  if (values.shape() != expected) {
    throw ShapeError("cache: values are ", values.shape(), ", expected ", expected);
  }
  if (length_ + L > capacity()) {
    std::vector<Index> same(static_cast<size_t>(batch()));
    std::iota(same.begin(), same.end(), Index{0});
    rebuild(same, std::max(2 * capacity(), length_ + L));
  }
  for (Index b = 0; b < batch(); ++b) {
    copy_places(keys, b, L, keys_, b, length_);
    copy_places(values, b, L, values_, b, length_);
  }
  length_ += L;
}

void KeyValueCache::truncate(Index length) {
  if (length < 0 || length > length_) {
    throw ValueError("cache: length is ", length, ", expected 0 to ", length_);
  }
  length_ = length;
}

void KeyValueCache::reorder(const std::vector<Index>& parents) {
  if (parents.empty()) throw ValueError("cache: there are no parents, expected at least one");
  for (const Index parent : parents) {
    if (parent >= 0 && parent < batch()) continue;
    throw ValueError("cache: a parent is ", parent, ", expected 0 to ", batch() - 1);
  }
  rebuild(parents, capacity());
}

void KeyValueCache::rebuild(const std::vector<Index>& parents, Index capacity) {
  const Shape shape{static_cast<Index>(parents.size()), capacity, width()};
  Tensor keys = Tensor::empty(shape), values = Tensor::empty(shape);
  for (size_t b = 0; b < parents.size(); ++b) {
    copy_places(keys_, parents[b], length_, keys, static_cast<Index>(b), 0);
    copy_places(values_, parents[b], length_, values, static_cast<Index>(b), 0);
  }
  keys_ = std::move(keys);
  values_ = std::move(values);
  key_rows_.clear();
  value_rows_.clear();
}

}  // namespace regard::layers
