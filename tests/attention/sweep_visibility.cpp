// SPDX-License-Identifier: MIT
// Which keys a query of the sweep sees, by the rules of every convention, and what stands in the
// places that it does not see.
#include <algorithm>
#include <cmath>
#include <limits>

#include "attention/sweep_problem.h"

namespace regard::attention::sweep {

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr float nan_value = std::numeric_limits<float>::quiet_NaN();

enum Axis { batch_axis, head_axis, query_axis, key_axis };

// Which of B, H, L, T a mask's shape may have, some of them repeated.
Spread spread_of(const std::vector<std::pair<Axis, Index>>& axes, Index T) {
  Spread result;
  std::vector<Index> shape;
  Index stride = 1;
  for (auto axis = axes.rbegin(); axis != axes.rend(); ++axis) {
    const auto [which, count] = *axis;
    result.strides[which] = count == 1 ? 0 : stride;
    stride *= count;
    shape.insert(shape.begin(), count);
  }
  result.shape = Shape(shape);
  const Index last = axes.back().second;
  result.keys = last == 1 ? T : last;
  return result;
}

}  // namespace

const Rules& rules_of(ConventionName name) {
  static const Rules table[] = {
      {true, unstated, -infinity, false, zeros, false, Rules::stated, false},
      {true, cache, -infinity, false, zeros, false, Rules::aligned, false},
      {true, cache, -infinity, false, zeros, false, Rules::aligned, true},
      {true, cache, -infinity, false, zeros, false, Rules::aligned, true},
      {true, top_left, -infinity, false, zeros, false, Rules::aligned, false},
      {false, top_left, -infinity, false, nan, false, Rules::batch_heads, false},
      {true, top_left, -1e9, true, zeros, true, Rules::batches, false},
      {true, top_left, -1e9, true, softmax, false, Rules::batches, false},
      {true, top_left, static_cast<double>(-0.7f * std::numeric_limits<float>::max()), false,
       softmax, true, Rules::aligned, false},
      {true, unstated, -1e6, false, softmax, false, Rules::stated, false},
  };
  return table[static_cast<size_t>(name)];
}

// --- Which keys a query sees ---

Spread Problem::spread(int kind) {
  const auto& [B, H, key_heads, L, P, S, D, Dk, Dv, M] = sizes_;
  const Index T = sizes_.T();
  using Axes = std::vector<std::pair<Axis, Index>>;
  const Axes pair = {{query_axis, L}, {key_axis, T}};
  Axes all = pair;
  if (has_heads_) all.insert(all.begin(), {head_axis, H});
  if (has_batch_) all.insert(all.begin(), {batch_axis, B});
  if (kind == queries_by_keys) return spread_of(pair, T);

  if (rules_.axes == Rules::batch_heads && !(all.size() == 4 && random_.uniform() < 0.5)) {
    if (kind == repeated_mask) return spread_of({{query_axis, L}, {key_axis, 1}}, T);
    // heads within batches, one axis for both
    return {{B * H, L, T}, {H * L * T, L * T, T, 1}, T};
  }
  if (rules_.axes == Rules::batches && (all.size() == 3 || random_.uniform() < 0.5)) {
    all = {{batch_axis, B}, {query_axis, L}, {key_axis, T}};
  }
  if (kind == repeated_mask) {
    // one axis at least is repeated; leading ones may be missing if they align from the right
    const size_t certain = random_.below(all.size());
    for (size_t i = 0; i < all.size(); ++i) {
      const bool last = i + 1 == all.size();
      if (last && rules_.pads) continue;  // a last axis of 1 would be a short one
      if (i == certain || random_.uniform() < 0.3) all[i].second = 1;
    }
    while (rules_.axes == Rules::aligned && all.size() > 1 && random_.uniform() < 0.4) {
      all.erase(all.begin());
    }
  }
  if (kind == short_mask) {
    const Index shown = between(random_, 1, T - 1);
    all.back().second = shown;
    Spread result = spread_of(all, T);
    result.keys = shown;
    result.strides[key_axis] = 1;
    return result;
  }
  return spread_of(all, T);
}

// Most keys are shown, and one of thirty rows shows none.
Tensor Problem::draw_mask(const Spread& spread) {
  Tensor mask_of = Tensor::empty(spread.shape);
  const Index width = spread.shape.back();
  for (Index row = 0; row < spread.shape.rows(); ++row) {
    const bool none = random_.uniform() < 1.0 / 30.0;
    for (Index i = 0; i < width; ++i) {
      const bool shown = !none && (width == 1 || random_.uniform() < 0.85);
      mask_of.data()[row * width + i] = shown == rules_.true_attends ? 1.0f : 0.0f;
    }
  }
  return mask_of;
}

Tensor Problem::draw_bias(const Spread& spread, int kind) {
  Tensor bias_of = numbers(spread.shape, 1);
  if (kind != hiding_bias) return bias_of;
  const Index width = spread.shape.back();
  for (Index row = 0; row < spread.shape.rows(); ++row) {
    const bool none = random_.uniform() < 1.0 / 30.0;
    for (Index i = 0; i < width; ++i) {
      const bool hides = none || random_.uniform() < 0.15;
      if (hides) bias_of.data()[row * width + i] = -std::numeric_limits<float>::infinity();
    }
  }
  return bias_of;
}

void Problem::draw_visibility() {
  const Configuration& c = configuration_;
  const auto& [B, H, key_heads, L, P, S, D, Dk, Dv, M] = sizes_;
  const Index T = sizes_.T();
  if (c[mask]) {
    mask_ = spread(c[mask]);
    options_.mask = draw_mask(mask_);
  }
  if (c[bias]) {
    const int kinds[] = {0, full_mask, queries_by_keys, repeated_mask, short_mask};
    bias_ = spread(kinds[c[bias]]);
    operands_[bias_operand] = draw_bias(bias_, c[bias]);
  }
  if (c[key_mask]) {
    options_.key_mask = Tensor::empty(has_batch_ ? Shape{B, T} : Shape{T});
    for (Index b = 0; b < B; ++b) {
      const bool none = random_.uniform() < 0.03;
      for (Index s = 0; s < T; ++s) {
        const bool shown = !none && random_.uniform() < 0.85;
        options_.key_mask.data()[b * T + s] = shown == rules_.true_attends ? 1.0f : 0.0f;
      }
    }
  }
  const auto length = [&](Index most) {
    // a window around the last key is refused where there is none
    const bool none = !c[window] && random_.uniform() < 0.04;
    return none ? 0 : between(random_, (most + 1) / 2, most);
  };
  if (c[key_lengths]) {
    for (Index i = 0; i < (c[key_lengths] == batch_lengths ? B : B * L); ++i) {
      options_.key_lengths.push_back(length(T));
    }
  }
  if (c[query_lengths]) {
    for (Index b = 0; b < B; ++b) options_.query_lengths.push_back(between(random_, L / 2, L));
  }

  options_.causal = c[causal] != 0;
  constexpr Origin origins[] = {Origin::unstated, Origin::top_left, Origin::bottom_right,
                                Origin::last_key, Origin::cache,    Origin::offset};
  options_.origin = origins[c[origin]];
  if (c[origin] == offset) {
    // a window without a key is refused
    options_.offset = c[window] ? between(random_, 0, T - 1) : between(random_, -2, T / 2 + 2);
  }
  if (c[window] == left_window || c[window] == both_window) {
    options_.window.left = between(random_, T / 4, T);
  }
  if (c[window] == right_window || c[window] == both_window) {
    options_.window.right = between(random_, T / 4, T);
  }
  // one length for each of B = 1 batches and of L = 1 queries is the same list
  const bool whole = static_cast<Index>(options_.key_lengths.size()) == B;
  for (Index b = 0; b < B; ++b) {
    const Index to_last = whole ? options_.key_lengths[static_cast<size_t>(b)] - L : 0;
    switch (c[origin] == unstated ? rules_.origin : c[origin]) {
      case top_left:
        origins_.push_back(0);
        break;
      case bottom_right:
        origins_.push_back(T - L);
        break;
      case last_key:
        origins_.push_back(to_last);
        break;
      case cache:
        origins_.push_back(c[past] ? P : to_last);
        break;
      case offset:
        origins_.push_back(options_.offset);
        break;
      default:
        origins_.push_back(P);
        break;
    }
  }

  if (c[mask_value] == given_mask_value) options_.mask_value = -1e4f;
  if (c[mask_value] == minus_infinity)
    options_.mask_value = -std::numeric_limits<float>::infinity();
  constexpr EmptyRow rows[] = {EmptyRow::zeros, EmptyRow::zeros, EmptyRow::nan, EmptyRow::softmax};
  if (c[empty_row] != default_empty_row) options_.empty_row = rows[c[empty_row]];
}

double Problem::score_of_hidden() const {
  return options_.mask_value ? static_cast<double>(*options_.mask_value) : rules_.mask_value;
}

bool Problem::adds_to_hidden() const { return rules_.adds_mask_value && !options_.mask_value; }

EmptyRowKind Problem::row_of_nothing(bool weights_asked) const {
  const int told = configuration_[empty_row];
  // PyTorch's module answers from another function when nobody asks for the weights
  const bool other = options_.convention == ConventionName::torch_mha && !weights_asked;
  if (other && told == default_empty_row) return zeros;
  const auto kind = told == default_empty_row ? rules_.empty_row : static_cast<EmptyRowKind>(told);
  // a row of nothing but -infinity has no softmax; PyTorch's function makes it zeros, and so do
  // alignments that are none
  if (kind == softmax && score_of_hidden() == -infinity) {
    const bool no_number =
        options_.alignment == Alignment::softmax && options_.convention != ConventionName::torch;
    return no_number ? nan : zeros;
  }
  return kind;
}

bool Problem::is_padding(Index b, Index l) const {
  return !options_.query_lengths.empty() && l >= options_.query_lengths[static_cast<size_t>(b)];
}

Index Problem::length_of(Index b, Index l) const {
  if (options_.key_lengths.empty()) return sizes_.T();
  const bool whole = static_cast<Index>(options_.key_lengths.size()) == sizes_.B;
  return options_.key_lengths[static_cast<size_t>(whole ? b : b * sizes_.L + l)];
}

bool Problem::find_sees(Index b, Index h, Index l, Index s) const {
  const auto shown = [&](const Tensor& x, Index at) {
    return (x.data()[at] != 0) == rules_.true_attends;
  };
  if (is_padding(b, l)) return false;
  if (s >= length_of(b, l)) return false;
  const Window& around = options_.window;
  const Index unlimited = sizes_.T() + sizes_.L + std::abs(origin_of(b));
  const reference::Mask in_window =
      reference::window(origin_of(b), around.left < 0 ? unlimited : around.left,
                        around.right < 0 ? unlimited : around.right);
  if (!in_window(l, s)) return false;
  if (options_.causal && !reference::causal(origin_of(b))(l, s)) return false;
  if (configuration_[key_mask] && !shown(options_.key_mask, b * sizes_.T() + s)) return false;
  if (configuration_[mask]) {
    if (s >= mask_.keys || !shown(options_.mask, mask_.at(b, h, l, s))) return false;
  }
  if (configuration_[bias]) {
    if (s >= bias_.keys) return false;
    if (operands_[bias_operand].data()[bias_.at(b, h, l, s)] == -infinity) return false;
  }
  return true;
}

size_t Problem::row_of(Index b, Index h, Index l) const {
  return static_cast<size_t>((b * sizes_.H + h) * sizes_.L + l);
}

bool Problem::sees(Index b, Index h, Index l, Index s) const {
  return sees_[row_of(b, h, l) * static_cast<size_t>(sizes_.T()) + static_cast<size_t>(s)];
}

bool Problem::is_empty(Index b, Index h, Index l) const { return seen_[row_of(b, h, l)] == 0; }

bool Problem::uses(Index b, Index h, Index l, Index s) const {
  if (is_padding(b, l)) return false;
  return sees(b, h, l, s) || (is_empty(b, h, l) && row_of_nothing() == softmax);
}

bool Problem::used_by_any(Index b, Index h, Index s) const {
  const Index group = sizes_.H / sizes_.key_heads, first = h / group * group;
  for (Index other = first; other < first + group; ++other) {
    for (Index l = 0; l < sizes_.L; ++l) {
      if (uses(b, other, l, s)) return true;
    }
  }
  return false;
}

// --- What stands in hidden places ---

bool Problem::meets_poison(Index b, Index h, Index l) const {
  const Index group = sizes_.H / sizes_.key_heads;
  const Index s = poisoned_key_[static_cast<size_t>(b * sizes_.key_heads + h / group)];
  return s >= 0 && uses(b, h, l, s);
}

bool Problem::poisons() const {
  const auto is_finite = [](float x) { return std::isfinite(x); };
  const auto other = poisoned(true);
  for (const Operand x : {keys, values, past_keys, past_values}) {
    if (other[x].defined() && !std::ranges::all_of(other[x].values(), is_finite)) return true;
  }
  return false;
}

std::array<Tensor, operand_count> Problem::poisoned(bool partly) const {
  const Sizes& z = sizes_;
  std::array<Tensor, operand_count> result = operands_;
  for (const Operand x : {keys, values, past_keys, past_values}) {
    if (result[x].defined()) result[x] = result[x].clone();
  }
  const Index group = z.H / z.key_heads;
  Random random(options_.seed);
  const auto poison = [&] {
    constexpr float large = std::numeric_limits<float>::infinity();
    if (configuration_[hidden] == hidden_nan) return nan_value;
    if (configuration_[hidden] == hidden_infinities) return random.below(2) ? large : -large;
    return 1e3f * static_cast<float>(random.normal());
  };
  for (Index b = 0; b < z.B; ++b) {
    for (Index g = 0; g < z.key_heads; ++g) {
      for (Index s = 0; s < z.T(); ++s) {
        const bool chosen = partly && poisoned_key_[static_cast<size_t>(b * z.key_heads + g)] == s;
        if (used_by_any(b, g * group, s) && !chosen) continue;
        const auto fill = [&](Operand now, Operand before, Index width) {
          for (Index d = 0; d < width; ++d) {
            if (s < z.P) {
              result[before].data()[((b * z.key_heads + g) * z.P + s) * width + d] = poison();
            } else {
              result[now].data()[place(now, b, g, s - z.P, d)] = poison();
            }
          }
        };
        fill(keys, past_keys, z.Dk);
        fill(values, past_values, z.Dv);
      }
    }
  }
  return result;
}

}  // namespace regard::attention::sweep
