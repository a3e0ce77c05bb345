// SPDX-License-Identifier: MIT
#pragma once

#include "attention/mask.h"

namespace regard::attention {

/// Which keys each query sees, and what becomes of the scores of the others: the one place that
/// knows masks, lengths, causality and windows.
class Visibility {
 public:
  /// throws ShapeError, ValueError for what contradicts the operands or itself.
  Visibility(const AttentionOptions& options, const Operands& operands);

  /// Keys begin … end-1; nothing outside of them is visible.
  struct Span {
    Index begin;
    Index end;
  };
  /// The keys that lengths, causality and window leave to query l; empty for padding queries.
  Span span(Index b, Index l) const noexcept;

  /// (B) the key that query 0 stands at; query l stands l keys further.
  const std::vector<Index>& offsets() const noexcept { return offsets_; }

  /// Whether hidden keys take part in the softmax, by a finite mask value.
  bool keeps_hidden() const noexcept { return keeps_hidden_; }
  /// Whether hide() leaves the scores of visible keys as they are, and makes -infinity of others.
  bool keeps_scores() const noexcept { return !bias_.data && !keeps_hidden_; }
  /// Whether hide() changes nothing within a span.
  bool spans_only() const noexcept { return !bias_.data && !mask_.data && !key_mask_.data; }

  /// Whether hide_backward() changes nothing where the gradient of a weight of 0 is 0 already.
  bool keeps_gradients() const noexcept { return spans_only() && !keeps_hidden_; }

  /// Adds the bias and hides what is hidden in the scores of keys first … first + count - 1.
  /// returns whether query (b, h, l) sees any of them
  bool hide(Index b, Index h, Index l, Index first, Index count, float* scores) const noexcept;

  /// The gradient of hide(): zero where the score was replaced. Adds to the bias's gradient, if
  /// `dbias` is not null: as large as the bias itself.
  void hide_backward(Index b, Index h, Index l, Index first, Index count, float* dscores,
                     float* dbias) const noexcept;

  /// Fills a row of numbers as the convention wants it for a query that sees no key.
  /// returns false if the softmax of the masked scores is to decide
  bool fill_empty(Index b, Index l, float* numbers, Index count) const noexcept;

 private:
  bool window_has_keys(Index b, Index l) const noexcept;
  bool sees(Index b, Index h, Index l, Index s) const noexcept;
  bool sees_any(Index b, Index h, Index l, Index begin, Index end) const noexcept;
  void hide_quickly(Index b, Index h, Index l, Index begin, Index end,
                    float* scores) const noexcept;

  AttentionSizes sizes_;
  const std::vector<Index> key_lengths_;
  const std::vector<Index> query_lengths_;
  std::vector<Index> offsets_;  // (B): the key that query 0 stands at
  bool causal_;
  Window window_;
  MaskView bias_;
  MaskView mask_;
  MaskView key_mask_;
  bool true_attends_;
  float mask_value_;
  bool adds_mask_value_;
  bool keeps_hidden_;
  bool quick_;  // whether rows of masks and bias lie as scores do, and what is hidden is -infinity
  EmptyRow empty_row_;
};

}  // namespace regard::attention
