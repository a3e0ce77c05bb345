// SPDX-License-Identifier: MIT
// What an attention is told that contradicts itself or its operands: each sentence, before any
// work.
#include "attention/options.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "attention/attention.h"

namespace regard::attention {
namespace {

// The class and the sentence of what an action throws.
template <class Action>
std::string thrown(const Action& action) {
  try {
    action();
  } catch (const Error& error) {
    return std::string(error.name()) + ": " + error.what();
  }
  return "nothing";
}

Tensor zeros(const Shape& shape) { return Tensor::zeros(shape); }

// B = 2, H = 4, L = 5, S = 7, D = 6, Dv = 3
struct Operands4 {
  Tensor q = zeros({2, 4, 5, 6}), k = zeros({2, 4, 7, 6}), v = zeros({2, 4, 7, 3});
};

std::string refusal(const AttentionOptions& options, const Tensor& q, const Tensor& k,
                    const Tensor& v) {
  return thrown([&] { attention(q, k, v, options); });
}
std::string refusal(const AttentionOptions& options) {
  const Operands4 in;
  return refusal(options, in.q, in.k, in.v);
}

TEST(AttentionOptionsTest, ShapesThatDisagree) {
  const Operands4 in;
  const auto of = [&](const Tensor& q, const Tensor& k, const Tensor& v) {
    return refusal({}, q, k, v);
  };
  EXPECT_EQ(of(in.q, zeros({2, 4, 7, 9}), in.v),
            "ShapeError: attention: keys are (2, 4, 7, 9), expected (2, 4, 7, 6)");
  EXPECT_EQ(of(in.q, in.k, zeros({2, 4, 8, 3})),
            "ShapeError: attention: values are (2, 4, 8, 3), expected (2, 4, 7, 3)");
  EXPECT_EQ(of(in.q, zeros({2, 3, 7, 6}), zeros({2, 3, 7, 3})),
            "ShapeError: attention: keys have 3 heads, which do not divide the 4 of the queries");
  EXPECT_EQ(of(in.q, zeros({1, 4, 7, 6}), zeros({1, 4, 7, 3})),
            "ShapeError: attention: keys are (1, 4, 7, 6), expected (2, 4, 7, 6)");
  EXPECT_EQ(of(in.q, zeros({4, 7, 6}), in.v),
            "ShapeError: attention: queries are (2, 4, 5, 6), keys (4, 7, 6), values (2, 4, 7, 3), "
            "expected as many axes each");
  EXPECT_EQ(of(zeros({6}), in.k, in.v),
            "ShapeError: attention: queries are (6), expected two to "
            "four axes");
}

TEST(AttentionOptionsTest, HeadsThatDoNotDivide) {
  const Tensor q = zeros({2, 5, 6});
  EXPECT_EQ(refusal({.heads = 4}, q, q, q),
            "ShapeError: attention: queries are (2, 5, 6): 4 heads do not divide a width of 6");
  EXPECT_EQ(refusal({.heads = 3, .kv_heads = 2}, q, zeros({2, 5, 4}), zeros({2, 5, 4})),
            "ShapeError: attention: keys have 2 heads, which do not divide the 3 of the queries");
  EXPECT_EQ(refusal({.kv_heads = 2}, q, q, q),
            "ValueError: attention: heads are 0 and kv_heads 2, expected kv_heads with heads, "
            "neither below 0");
  EXPECT_EQ(refusal({.heads = 2}),
            "ShapeError: attention: queries are (2, 4, 5, 6), expected "
            "(L, H D) or (B, L, H D) to be split into heads");
}

TEST(AttentionOptionsTest, MasksOfTheWrongShape) {
  EXPECT_EQ(refusal({.mask = zeros({5, 8})}),
            "ShapeError: attention: the mask is (5, 8), expected (5, 7)");
  EXPECT_EQ(refusal({.mask = zeros({4, 5, 7})}),
            "ShapeError: attention: the mask is (4, 5, 7), where three axes could begin with "
            "batches or heads: expected (2, 4, 5, 7), where an axis may be 1");
  EXPECT_EQ(refusal({.bias = zeros({3, 1, 5, 7})}),
            "ShapeError: attention: the bias is (3, 1, 5, 7), expected (2, 4, 5, 7), where an "
            "axis may be 1");
  EXPECT_EQ(refusal({.key_mask = zeros({7})}),
            "ShapeError: attention: the key mask is (7), expected (2, 7)");
  EXPECT_EQ(refusal({.convention = ConventionName::torch, .mask = zeros({3, 5, 7})}),
            "ShapeError: attention: the mask is (3, 5, 7), expected what can be repeated to "
            "(2, 4, 5, 7)");
  EXPECT_EQ(refusal({.convention = ConventionName::torch_mha, .mask = zeros({4, 5, 7})}),
            "ShapeError: attention: the mask is (4, 5, 7), expected (5, 7) or one for each "
            "batch and head");
}

TEST(AttentionOptionsTest, LengthsOutOfRange) {
  EXPECT_EQ(refusal({.key_lengths = {8, 1}}),
            "ValueError: attention: key lengths hold 8, expected 0 to 7");
  EXPECT_EQ(refusal({.key_lengths = {1}}),
            "ValueError: attention: key lengths are 1 numbers, expected one for each of the 2 "
            "batches or queries");
  EXPECT_EQ(refusal({.query_lengths = {6, 0}}),
            "ValueError: attention: query lengths hold 6, expected 0 to 5");
}

TEST(AttentionOptionsTest, CausalNeedsAnOriginWhereItCouldMeanTwoThings) {
  EXPECT_EQ(refusal({.causal = true}),
            "ValueError: attention: causal with 5 queries and 7 keys could begin at either end: "
            "say its origin, 'top-left' or 'bottom-right'");
  EXPECT_EQ(refusal({.causal = true, .origin = Origin::top_left}), "nothing");
  EXPECT_EQ(refusal({.convention = ConventionName::torch, .causal = true}), "nothing");
  EXPECT_EQ(refusal({.causal = true, .origin = Origin::last_key}),
            "ValueError: attention: an origin at the last key needs a key length for each batch");
}

TEST(AttentionOptionsTest, NumbersOutOfRange) {
  EXPECT_EQ(refusal({.scale = INFINITY}),
            "ValueError: attention: scale is inf, expected a finite number");
  EXPECT_EQ(refusal({.convention = ConventionName::onnx_24, .scale = -0.5f}),
            "ValueError: attention: scale is -0.5, expected 0 or more: ONNX multiplies queries and "
            "keys by its square root");
  EXPECT_EQ(refusal({.scale = -0.5f}), "nothing");
  EXPECT_EQ(refusal({.softcap = -1}), "ValueError: attention: softcap is -1, expected 0 or more");
  EXPECT_EQ(refusal({.dropout = 1}), "ValueError: attention: dropout is 1, expected 0 to below 1");
  EXPECT_EQ(refusal({.origin = Origin::top_left, .window = {.left = -2}}),
            "ValueError: attention: the window is -2 before and -1 after, expected 0 or more, or "
            "-1 for all");
  EXPECT_EQ(refusal({.mask_value = NAN}),
            "ValueError: attention: the mask value is nan, expected a number or -infinity");
}

TEST(AttentionOptionsTest, WhatTheTiledFormDoesNotKeep) {
  const char* sentence =
      "ValueError: attention: the tiled form has dot products and a softmax, and keeps neither "
      "scores nor weights to give or to edit";
  EXPECT_EQ(refusal({.form = Form::tiled, .weights = true}), sentence);
  EXPECT_EQ(refusal({.score = Score::cosine, .form = Form::tiled}), sentence);
  EXPECT_EQ(refusal({.form = Form::tiled}), "nothing");
}

TEST(AttentionOptionsTest, WindowWithoutAKey) {
  EXPECT_EQ(refusal({.origin = Origin::offset, .offset = 7, .window = {.left = 0}}),
            "ValueError: attention: no query has a key in the window of 0 before and -1 after");
}

TEST(AttentionOptionsTest, ThePast) {
  EXPECT_EQ(refusal({.past_key = zeros({2, 4, 3, 6})}),
            "ValueError: attention: past keys without past values");
  EXPECT_EQ(refusal({.past_value = zeros({2, 4, 3, 3})}),
            "ValueError: attention: past values without past keys");
  EXPECT_EQ(refusal({.past_key = zeros({2, 4, 3, 5}), .past_value = zeros({2, 4, 3, 3})}),
            "ShapeError: attention: past keys are (2, 4, 3, 5), expected (2, 4, 3, 6)");
  EXPECT_EQ(refusal({.past_key = zeros({2, 4, 3, 6}), .past_value = zeros({2, 4, 2, 3})}),
            "ShapeError: attention: past values are (2, 4, 2, 3), expected (2, 4, 3, 3)");
}

TEST(AttentionOptionsTest, WhatAConventionCouldNotBeTold) {
  const auto onnx = [](AttentionOptions options, ConventionName opset) {
    options.convention = opset;
    return refusal(options);
  };
  EXPECT_EQ(onnx({.key_lengths = {7, 7}}, ConventionName::onnx_23),
            "ValueError: attention: ONNX has key lengths from opset 24 on");
  EXPECT_EQ(onnx({.window = {.left = 1}}, ConventionName::onnx_24),
            "ValueError: attention: ONNX has windows from opset 25 on");
  EXPECT_EQ(onnx({.past_key = zeros({2, 4, 3, 6}),
                  .past_value = zeros({2, 4, 3, 3}),
                  .key_lengths = {7, 7}},
                 ConventionName::onnx_25),
            "ValueError: attention: ONNX takes past keys or key lengths, not both");
  EXPECT_EQ(refusal({.convention = ConventionName::torch, .mask = zeros({5, 7}), .causal = true}),
            "ValueError: attention: PyTorch takes a mask or causal, not both");
}

TEST(AttentionOptionsTest, EditsOfWhatIsNotThere) {
  const Tensor one = zeros({1});
  EXPECT_EQ(refusal({.edits = {{.stage = Stage::context, .head = 4, .values = one}}}),
            "ValueError: attention: an edit is of head 4, expected 0 to 3");
  EXPECT_EQ(refusal({.edits = {{.stage = Stage::weights, .row = 5, .values = one}}}),
            "ValueError: attention: an edit is of row 5, expected 0 to 4");
  EXPECT_EQ(refusal({.edits = {{.stage = Stage::values, .row = 6, .values = zeros({2})}}}),
            "ShapeError: attention: an edit has 2 values, expected 1 or 3");
  EXPECT_EQ(refusal({.edits = {{.stage = Stage::values}}}),
            "ShapeError: attention: an edit has 0 values, expected 1 or 3");
}

TEST(AttentionOptionsTest, WhatHasNoGradient) {
  const Operands4 in;
  Attention arrived;
  arrived.output = zeros({2, 4, 5, 3});
  const auto backward = [&](const AttentionOptions& options) {
    return thrown([&] {
      attention_backward(in.q, in.k, in.v, options, attention(in.q, in.k, in.v, options), arrived);
    });
  };
  EXPECT_EQ(backward({.edits = {{.stage = Stage::context, .values = zeros({1})}}}),
            "ValueError: attention: what an edit has replaced has no gradient");
  EXPECT_EQ(backward({.alignment = Alignment::hard}).substr(0, 11), "ValueError:");
}

}  // namespace
}  // namespace regard::attention
