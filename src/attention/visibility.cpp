// SPDX-License-Identifier: MIT
#include "attention/visibility.h"

#include <algorithm>
#include <cmath>

#include "kernels/hiding.h"
#include "kernels/softmax.h"

namespace regard::attention {

namespace {

constexpr float infinity = std::numeric_limits<float>::infinity();

void expect_lengths(const char* what, const std::vector<Index>& lengths, Index most, Index count,
                    Index alternative) {
  if (lengths.empty()) return;
  const Index given = static_cast<Index>(lengths.size());
  if (given != count && given != alternative) {
    throw ValueError("attention: ", what, " are ", given, " numbers, expected one for each of the ",
                     count, alternative != count ? " batches or queries" : " batches");
  }
  for (const Index length : lengths) {
    if (length < 0 || length > most) {
      throw ValueError("attention: ", what, " hold ", length, ", expected 0 to ", most);
    }
  }
}

}  // namespace

Visibility::Visibility(const AttentionOptions& options, const Operands& operands)
    : sizes_(operands.sizes),
      key_lengths_(options.key_lengths),
      query_lengths_(options.query_lengths),
      causal_(options.causal),
      window_(options.window) {
  const Convention& rules = convention(options.convention);
  const auto& [B, H, kv_heads, L, P, S, D, Dk, Dv] = sizes_;
  expect_lengths("key lengths", key_lengths_, S, B, B * L);
  expect_lengths("query lengths", query_lengths_, L, B, B);

  const bool windowed = window_ != Window{};
  if (window_.left < Window::unlimited || window_.right < Window::unlimited) {
    throw ValueError("attention: the window is ", window_.left, " before and ", window_.right,
                     " after, expected 0 or more, or -1 for all");
  }
  Origin origin = options.origin;
  if (origin == Origin::unstated) origin = rules.origin;
  if (origin == Origin::unstated && (causal_ || windowed) && L != S - P) {
    throw ValueError("attention: causal with ", L, " queries and ", S - P,
                     " keys could begin at either end: say its origin, 'top-left' or "
                     "'bottom-right'");
  }
  const bool whole_lengths = static_cast<Index>(key_lengths_.size()) == B;
  if (origin == Origin::last_key && !whole_lengths) {
    throw ValueError("attention: an origin at the last key needs a key length for each batch");
  }
  for (Index b = 0; b < B; ++b) {
    Index offset = P;
    const Index to_last = whole_lengths ? key_lengths_[static_cast<size_t>(b)] - L : 0;
    if (origin == Origin::top_left) offset = 0;
    if (origin == Origin::bottom_right) offset = S - L;
    if (origin == Origin::last_key) offset = to_last;
    if (origin == Origin::cache && !options.past_key.defined()) offset = to_last;
    if (origin == Origin::offset) offset = options.offset;
    offsets_.push_back(offset);
  }

  if (windowed && B > 0 && L > 0 && S > 0 && rules.mask_axes == MaskAxes::stated) {
    bool any = false;
    for (Index b = 0; b < B && !any; ++b) {
      for (Index l = 0; l < L && !any; ++l) any = window_has_keys(b, l);
    }
    if (!any) {
      throw ValueError("attention: no query has a key in the window of ", window_.left,
                       " before and ", window_.right, " after");
    }
  }

  bias_ = mask_view("the bias", options.bias, rules, operands);
  mask_ = mask_view("the mask", options.mask, rules, operands);
  key_mask_ = key_mask_view(options.key_mask, operands);
  true_attends_ = rules.true_attends;

  mask_value_ = options.mask_value.value_or(rules.mask_value);
  if (!(mask_value_ < infinity)) {
    throw ValueError("attention: the mask value is ", mask_value_,
                     ", expected a number or -infinity");
  }
  adds_mask_value_ = rules.adds_mask_value && !options.mask_value;
  keeps_hidden_ = mask_value_ > -infinity;
  const auto lies_as_scores = [S](const MaskView& mask) {
    return !mask.data || (mask.column == 1 && mask.keys == S);
  };
  quick_ =
      !keeps_hidden_ && lies_as_scores(bias_) && lies_as_scores(mask_) && lies_as_scores(key_mask_);
  empty_row_ = options.empty_row.value_or(rules.empty_row);
  // PyTorch's module answers from another function when nobody asks for the weights.
  if (options.convention == ConventionName::torch_mha && !options.empty_row && !options.weights) {
    empty_row_ = EmptyRow::zeros;
  }
}

Visibility::Span Visibility::span(Index b, Index l) const noexcept {
  const auto B = static_cast<size_t>(b);
  Index begin = 0, end = sizes_.S;
  if (!query_lengths_.empty() && l >= query_lengths_[B]) return {0, 0};
  if (static_cast<Index>(key_lengths_.size()) == sizes_.B) {
    end = key_lengths_[B];
  } else if (!key_lengths_.empty()) {
    end = key_lengths_[static_cast<size_t>(b * sizes_.L + l)];
  }
  const Index place = l + offsets_[B];
  if (causal_) end = std::min(end, place + 1);
  if (window_.right != Window::unlimited) end = std::min(end, place + window_.right + 1);
  if (window_.left != Window::unlimited) begin = std::max(begin, place - window_.left);
  return begin < end ? Span{begin, end} : Span{0, 0};
}

bool Visibility::window_has_keys(Index b, Index l) const noexcept {
  const Index place = l + offsets_[static_cast<size_t>(b)];
  const bool all_before = window_.left == Window::unlimited;
  const bool all_after = window_.right == Window::unlimited;
  return (all_before || place - window_.left < sizes_.S) &&
         (all_after || place + window_.right >= 0);
}

bool Visibility::sees(Index b, Index h, Index l, Index s) const noexcept {
  const auto shows = [&](const MaskView& mask) {
    if (!mask.data) return true;
    if (s >= mask.keys) return false;
    return (mask.data[mask.at(b, h, l) + s * mask.column] != 0) == true_attends_;
  };
  return shows(mask_) && shows(key_mask_);
}

bool Visibility::sees_any(Index b, Index h, Index l, Index begin, Index end) const noexcept {
  const float* bias = bias_.data ? bias_.data + bias_.at(b, h, l) : nullptr;
  for (Index s = begin; s < end; ++s) {
    if (sees(b, h, l, s) && !(bias && bias[s] == -infinity)) return true;
  }
  return false;
}

// hide() for scores of keys begin … end-1, all within the span of the query.
void Visibility::hide_quickly(Index b, Index h, Index l, Index begin, Index end,
                              float* scores) const noexcept {
  const auto row = [&](const MaskView& mask) { return mask.data + mask.at(b, h, l) + begin; };
  const Index count = end - begin;
  if (bias_.data) kernels::add_bias_row(row(bias_), scores, count);
  if (mask_.data) kernels::hide_row(row(mask_), true_attends_, scores, count);
  if (key_mask_.data) kernels::hide_row(row(key_mask_), true_attends_, scores, count);
}

bool Visibility::hide(Index b, Index h, Index l, Index first, Index count,
                      float* scores) const noexcept {
  if (quick_) {
    const Span seen = span(b, l);
    const Index begin = std::clamp<Index>(seen.begin - first, 0, count);
    const Index end = std::clamp<Index>(seen.end - first, begin, count);
    std::fill(scores, scores + begin, -infinity);
    std::fill(scores + end, scores + count, -infinity);
    if (spans_only()) return begin < end;
    hide_quickly(b, h, l, first + begin, first + end, scores + begin);
    // a score that is seen may be -infinity too
    return kernels::row_max(scores + begin, end - begin) > -infinity ||
           sees_any(b, h, l, first + begin, first + end);
  }
  const Span seen = span(b, l);
  bool visible = false;
  for (Index i = 0; i < count; ++i) {
    const Index s = first + i;
    float score = scores[i];
    bool shown = s >= seen.begin && s < seen.end && sees(b, h, l, s);
    if (bias_.data) {
      const float bias =
          s < bias_.keys ? bias_.data[bias_.at(b, h, l) + s * bias_.column] : -infinity;
      shown = shown && bias != -infinity;
      score += bias;
    }
    if (!shown) {
      const float added = adds_mask_value_ ? score + mask_value_ : mask_value_;
      score = std::isfinite(added) ? added : mask_value_;
    }
    scores[i] = score;
    visible |= shown;
  }
  return visible;
}

void Visibility::hide_backward(Index b, Index h, Index l, Index first, Index count, float* dscores,
                               float* dbias) const noexcept {
  const Span seen = span(b, l);
  for (Index i = 0; i < count; ++i) {
    const Index s = first + i;
    const bool shown = s >= seen.begin && s < seen.end && sees(b, h, l, s);
    const Index at = bias_.at(b, h, l) + s * bias_.column;
    const bool minus_infinity = bias_.data && (s >= bias_.keys || bias_.data[at] == -infinity);
    // what is added to a finite score moves with it; what would be infinite was replaced
    if (minus_infinity || (!shown && !adds_mask_value_)) dscores[i] = 0;
    if (dbias && s < bias_.keys) dbias[at] += dscores[i];
  }
}

bool Visibility::fill_empty(Index b, Index l, float* numbers, Index count) const noexcept {
  const bool padding = !query_lengths_.empty() && l >= query_lengths_[static_cast<size_t>(b)];
  if (empty_row_ == EmptyRow::softmax && !padding) return false;
  const bool nan = empty_row_ == EmptyRow::nan && !padding;
  std::fill_n(numbers, count, nan ? std::numeric_limits<float>::quiet_NaN() : 0.0f);
  return true;
}

}  // namespace regard::attention
