// SPDX-License-Identifier: MIT
#include "attention/plan.h"

#include <algorithm>
#include <cmath>

#include "kernels/elementwise.h"

namespace regard::attention {

namespace {

void expect_numbers(const AttentionOptions& options) {
  if (options.scale && !std::isfinite(*options.scale)) {
    throw ValueError("attention: scale is ", *options.scale, ", expected a finite number");
  }
  if (!(options.softcap >= 0) || !std::isfinite(options.softcap)) {
    throw ValueError("attention: softcap is ", options.softcap, ", expected 0 or more");
  }
  if (!(options.dropout >= 0 && options.dropout < 1)) {
    throw ValueError("attention: dropout is ", options.dropout, ", expected 0 to below 1");
  }
}

// What a convention's own function could not be told.
void expect_convention(const AttentionOptions& options) {
  const ConventionName name = options.convention;
  const bool onnx = name == ConventionName::onnx_23 || name == ConventionName::onnx_24 ||
                    name == ConventionName::onnx_25;
  if (onnx && options.scale.value_or(0) < 0) {
    throw ValueError("attention: scale is ", *options.scale,
                     ", expected 0 or more: ONNX multiplies queries and keys by its square root");
  }
  if (name == ConventionName::onnx_23 && !options.key_lengths.empty()) {
    throw ValueError("attention: ONNX has key lengths from opset 24 on");
  }
  if (onnx && name != ConventionName::onnx_25 && options.window != Window{}) {
    throw ValueError("attention: ONNX has windows from opset 25 on");
  }
  if (onnx && !options.key_lengths.empty() && options.past_key.defined()) {
    throw ValueError("attention: ONNX takes past keys or key lengths, not both");
  }
  if (name == ConventionName::torch && options.causal &&
      (options.mask.defined() || options.bias.defined())) {
    throw ValueError("attention: PyTorch takes a mask or causal, not both");
  }
}

bool is_dot(const AttentionOptions& options) {
  return options.score == Score::scaled_dot || options.score == Score::dot;
}

// Whether the form that keeps no scores can give all that is asked for.
bool can_tile(const AttentionOptions& options) {
  return is_dot(options) && options.alignment == Alignment::softmax && options.edits.empty() &&
         !options.raw && !options.capped && !options.masked && !options.weights;
}

Shape rows_of(Stage stage, const AttentionSizes& s) {
  switch (stage) {
    case Stage::queries:
      return {s.B, s.H, s.L, s.D};
    case Stage::keys:
      return {s.B, s.kv_heads, s.S, s.Dk};
    case Stage::values:
      return {s.B, s.kv_heads, s.S, s.Dv};
    case Stage::context:
      return {s.B, s.H, s.L, s.Dv};
    default:
      return {s.B, s.H, s.L, s.S};
  }
}

void expect_edit(const Edit& edit, const AttentionSizes& sizes) {
  const Shape shape = rows_of(edit.stage, sizes);
  const auto expect = [&](const char* what, Index given, Index count) {
    if (given == Edit::all || (given >= 0 && given < count)) return;
    throw ValueError("attention: an edit is of ", what, " ", given, ", expected 0 to ", count - 1);
  };
  expect("batch", edit.batch, shape[0]);
  expect("head", edit.head, shape[1]);
  expect("row", edit.row, shape[2]);
  if (!edit.values.defined() || (edit.values.count() != 1 && edit.values.count() != shape.back())) {
    throw ShapeError("attention: an edit has ", edit.values.defined() ? edit.values.count() : 0,
                     " values, expected 1 or ", shape.back());
  }
}

}  // namespace

Plan::Plan(const Tensor& q, const Tensor& k, const Tensor& v, const AttentionOptions& all)
    : options((expect_numbers(all), expect_convention(all), all)),
      operands(attention::operands(q, k, v, all)),
      visibility(all, operands),
      scale(all.scale.value_or(default_scale(all.score, operands.sizes.D))) {
  const AttentionSizes& sizes = operands.sizes;
  if (!is_product()) {
    expect_score(all.score, all.score_parameters, {sizes.B, sizes.H, sizes.L, sizes.D},
                 {sizes.B, sizes.kv_heads, sizes.S, sizes.Dk});
  } else if (all.score_parameters.query.defined() || all.score_parameters.key.defined() ||
             all.score_parameters.vector.defined()) {
    throw ValueError("attention: score parameters, which a dot product does not have");
  }
  expect_alignment(all.alignment, all.alignment_options, sizes.D);
  if (all.alignment != Alignment::softmax && visibility.keeps_hidden()) {
    throw ValueError(
        "attention: a mask value keeps hidden keys in; hard and local alignments leave them out");
  }
  for (const Edit& edit : all.edits) expect_edit(edit, sizes);
  if (all.form == Form::tiled && !can_tile(all)) {
    throw ValueError(
        "attention: the tiled form has dot products and a softmax, and keeps neither scores nor "
        "weights to give or to edit");
  }
}

bool Plan::is_product() const noexcept { return is_dot(options); }

bool Plan::is_tiled() const noexcept {
  if (options.form != Form::automatic) return options.form == Form::tiled;
  return can_tile(options);
}

AlignmentPlaces Plan::places() const {
  return {.first = visibility.offsets(), .lengths = options.key_lengths};
}

Tensor gathered(const Heads& x, Index B, Index H, Index rows, Index width) {
  Tensor all = Tensor::empty({B, H, rows, width});
  float* to = all.data();
  for (Index b = 0; b < B; ++b) {
    for (Index h = 0; h < H; ++h) {
      for (Index i = 0; i < rows; ++i, to += width) {
        std::copy_n(x.at(b, h) + i * x.row, width, to);
      }
    }
  }
  return all;
}

void add_scattered(const Tensor& x, const MutableHeads& to) {
  const float* from = x.data();
  for (Index b = 0; b < x.size(0); ++b) {
    for (Index h = 0; h < x.size(1); ++h) {
      for (Index i = 0; i < x.size(2); ++i, from += x.size(3)) {
        kernels::add_in_place(from, to.at(b, h) + i * to.row, x.size(3));
      }
    }
  }
}

}  // namespace regard::attention
