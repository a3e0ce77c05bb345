// SPDX-License-Identifier: MIT
#include "attention/visibility.h"

#include <algorithm>
#include <cmath>
#include <string>

namespace regard::attention {

namespace {

constexpr float infinity = std::numeric_limits<float>::infinity();

std::string number(Index n) { return std::to_string(n); }

[[noreturn]] void refuse(const char* operand, const Tensor& mask, const std::string& expected) {
  throw ShapeError(std::string("attention: ") + operand + " is " + mask.shape().to_string() +
                   ", expected " + expected);
}

// The sizes of the weights' axes B, H, L, S that a mask's axes stand for, and which they are.
struct MaskAxis {
  Index size;
  Index MaskView::* stride;
};

// Strides for axes that are, from the right, S, L and what `outer` says; 0 for those of size 1.
// throws ShapeError if a size is neither 1 nor the axis's.
MaskView strided(const char* operand, const Tensor& mask, const std::vector<MaskAxis>& axes,
                 const std::string& expected, bool pads) {
  MaskView view{.data = mask.data()};
  Index stride = 1;
  const Index rank = mask.shape().rank();
  for (Index i = 0; i < rank; ++i) {
    const MaskAxis& axis = axes[axes.size() - 1 - static_cast<size_t>(i)];
    const Index size = mask.size(rank - 1 - i);
    const bool shorter = pads && i == 0 && size < axis.size;
    if (size != axis.size && size != 1 && !shorter) refuse(operand, mask, expected);
    view.*axis.stride = size == 1 && !shorter ? 0 : stride;
    if (i == 0) view.keys = shorter ? size : axis.size;
    stride *= size;
  }
  return view;
}

MaskView mask_view(const char* operand, const Tensor& mask, const Convention& rules,
                   const Operands& operands) {
  if (!mask.defined()) return {};
  const AttentionSizes& sizes = operands.sizes;
  const MaskAxis batch{sizes.B, &MaskView::batch}, head{sizes.H, &MaskView::head},
      row{sizes.L, &MaskView::row}, column{sizes.S, &MaskView::column};
  std::vector<MaskAxis> axes;
  if (operands.axes.batch) axes.push_back(batch);
  if (operands.axes.heads) axes.push_back(head);
  axes.insert(axes.end(), {row, column});

  std::string expected = "(";
  for (const MaskAxis& axis : axes)
    expected += number(axis.size) + (axis.stride == column.stride ? ")" : ", ");
  const std::string pair = "(" + number(sizes.L) + ", " + number(sizes.S) + ")";
  const Index rank = mask.shape().rank(), all = operands.axes.rank();

  switch (rules.mask_axes) {
    case MaskAxes::stated:
      if (rank == 2) return strided(operand, mask, {row, column}, pair, false);
      if (rank != all) refuse(operand, mask, pair + " or " + expected + ", an axis may be 1");
      return strided(operand, mask, axes, pair + " or " + expected + ", an axis may be 1", false);
    case MaskAxes::aligned:
      if (rank < 1 || rank > all) refuse(operand, mask, "at most " + number(all) + " axes");
      return strided(operand, mask, axes, "what can be repeated to " + expected, rules.pads_masks);
    case MaskAxes::batch_heads: {
      if (rank == 2) return strided(operand, mask, {row, column}, pair, false);
      const Shape each{sizes.B * sizes.H, sizes.L, sizes.S};
      if (rank == 4) return strided(operand, mask, axes, expected, false);
      if (mask.shape() != each) refuse(operand, mask, pair + " or " + each.to_string());
      return {mask.data(), sizes.H * sizes.L * sizes.S, sizes.L * sizes.S, sizes.S, 1, sizes.S};
    }
    case MaskAxes::batches:
      if (rank == 3) return strided(operand, mask, {batch, row, column}, expected, false);
      if (rank != 2 && rank != all) refuse(operand, mask, expected);
      return strided(operand, mask, axes, expected, false);
  }
  return {};
}

MaskView key_mask_view(const Tensor& mask, const Operands& operands) {
  if (!mask.defined()) return {};
  const AttentionSizes& sizes = operands.sizes;
  const Shape expected = operands.axes.batch ? Shape{sizes.B, sizes.S} : Shape{sizes.S};
  if (mask.shape() != expected) refuse("the key mask", mask, expected.to_string());
  return {.data = mask.data(), .batch = sizes.S, .column = 1, .keys = sizes.S};
}

void expect_lengths(const char* what, const std::vector<Index>& lengths, Index most, Index count,
                    Index alternative) {
  if (lengths.empty()) return;
  const Index given = static_cast<Index>(lengths.size());
  if (given != count && given != alternative) {
    throw ValueError(std::string("attention: ") + what + " are " + number(given) +
                     " numbers, expected one for each of the " + number(count) + " batches" +
                     (alternative != count ? " or queries" : ""));
  }
  for (const Index length : lengths) {
    if (length < 0 || length > most) {
      throw ValueError(std::string("attention: ") + what + " hold " + number(length) +
                       ", expected 0 to " + number(most));
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
    throw ValueError("attention: the window is " + number(window_.left) + " before and " +
                     number(window_.right) + " after, expected 0 or more, or -1 for all");
  }
  Origin origin = options.origin;
  if (origin == Origin::unstated) origin = rules.origin;
  if (origin == Origin::unstated && (causal_ || windowed) && L != S - P) {
    throw ValueError(
        "attention: causal with " + number(L) + " queries and " + number(S - P) +
        " keys could begin at either end: say its origin, 'top-left' or 'bottom-right'");
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

  bias_ = mask_view("the bias", options.bias, rules, operands);
  mask_ = mask_view("the mask", options.mask, rules, operands);
  key_mask_ = key_mask_view(options.key_mask, operands);
  true_attends_ = rules.true_attends;

  mask_value_ = options.mask_value.value_or(rules.mask_value);
  if (!(mask_value_ < infinity)) {
    throw ValueError("attention: the mask value is " + std::to_string(mask_value_) +
                     ", expected a number or -infinity");
  }
  adds_mask_value_ = rules.adds_mask_value && !options.mask_value;
  keeps_hidden_ = mask_value_ > -infinity;
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

bool Visibility::sees(Index b, Index h, Index l, Index s) const noexcept {
  const auto shows = [&](const MaskView& mask) {
    if (!mask.data) return true;
    if (s >= mask.keys) return false;
    return (mask.data[mask.at(b, h, l) + s * mask.column] != 0) == true_attends_;
  };
  return shows(mask_) && shows(key_mask_);
}

Index Visibility::hide(Index b, Index h, Index l, Index first, Index count,
                       float* scores) const noexcept {
  const Span seen = span(b, l);
  Index visible = 0;
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
    visible += shown;
  }
  return visible;
}

void Visibility::hide_backward(Index b, Index h, Index l, Index first, Index count, float* dscores,
                               float* dbias) const noexcept {
  const Span seen = span(b, l);
  for (Index i = 0; i < count; ++i) {
    const Index s = first + i;
    bool shown = s >= seen.begin && s < seen.end && sees(b, h, l, s);
    const Index at = bias_.at(b, h, l) + s * bias_.column;
    if (bias_.data) shown = shown && s < bias_.keys && bias_.data[at] != -infinity;
    if (!shown && !adds_mask_value_) dscores[i] = 0;
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
