// SPDX-License-Identifier: MIT
#pragma once

#include <vector>

#include "attention/cached.h"

namespace regard::layers {

/// The projected keys and values of the places that a self-attention has seen, (B, places, M) each,
/// heads side by side: appended to, never moved but when the room for them doubles.
class KeyValueCache {
 public:
  /// throws ValueError unless B, M and capacity are at least 1; OutOfMemoryError
  KeyValueCache(Index B, Index M, Index capacity);

  Index batch() const noexcept { return keys_.size(0); }
  Index width() const noexcept { return keys_.size(2); }
  Index length() const noexcept { return length_; }
  Index capacity() const noexcept { return keys_.size(1); }

  // (B, capacity, M), undefined from length() on.
  const Tensor& keys() const noexcept { return keys_; }
  const Tensor& values() const noexcept { return values_; }
  /// Where each row's keys and values lie, until the cache changes.
  const attention::CachedKeys& rows();

  /// Appends L places, keys and values (B, L, M) each. throws ShapeError. cost O(B L M), all that
  /// is there once more when the room is used up.
  void append(const Tensor& keys, const Tensor& values);
  /// Forgets the places from `length` on. throws ValueError unless 0 <= length <= length().
  void truncate(Index length);
  /// Row b becomes what row parents[b] was: beams that go on, multiply and end; there may be more
  /// rows or fewer than before. throws ValueError if a parent is none of 0 … B-1, or there is none.
  void reorder(const std::vector<Index>& parents);

 private:
  void rebuild(const std::vector<Index>& parents, Index capacity);

  Tensor keys_, values_;
  Index length_ = 0;
  std::vector<std::vector<const float*>> key_rows_, value_rows_;
  attention::CachedKeys rows_;
};

}  // namespace regard::layers
