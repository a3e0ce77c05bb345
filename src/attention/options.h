// SPDX-License-Identifier: MIT
// Everything that one attention can be told. What is left alone has one safe meaning: true attends,
// a query that sees no key gives zeros, and nothing of a hidden key ever reaches the output.
#pragma once

#include <limits>
#include <optional>
#include <vector>

#include "attention/alignment.h"
#include "attention/edit.h"
#include "attention/scores.h"
#include "tensor/tensor.h"

namespace regard::attention {

/// Whose rules hold where libraries differ: the rows of the table in convention.h.
enum class ConventionName {
  none,             ///< our own: nothing is guessed, nothing leaks
  onnx_23,          ///< ONNX Attention, opset 23
  onnx_24,          ///< opset 24: key lengths, and masks that are shorter than the keys
  onnx_25,          ///< opset 25: windows
  torch,            ///< torch.nn.functional.scaled_dot_product_attention, 2.5 and later
  torch_mha,        ///< torch.nn.MultiheadAttention with weights
  keras,            ///< keras.layers.MultiHeadAttention
  keras_attention,  ///< keras.layers.Attention and AdditiveAttention
  jax,              ///< jax.nn.dot_product_attention
  d2l,              ///< Dive into Deep Learning's masked_softmax
};

/// How operands of four axes lie.
enum class Layout {
  bhld,  ///< (B, H, L, D), as PyTorch and ONNX have it
  blhd,  ///< (B, L, H, D), as JAX and Keras have it
};

/// Which key query 0 stands at; query i stands i keys further.
enum class Origin {
  unstated,  ///< key 0, or the first key after the past; refused where that could mean two things
  top_left,  ///< key 0
  bottom_right,  ///< key S - L: the last query stands at the last key
  last_key,  ///< key key_lengths[b] - L: the last query stands at the last key that is no padding
  cache,     ///< P with past keys, as last_key with key lengths, else key 0: ONNX's rule
  offset,    ///< key AttentionOptions::offset
};

/// Keys that a query sees around the one that it stands at.
struct Window {
  static constexpr Index unlimited = -1;
  Index left = unlimited;   ///< how many keys before it, or all
  Index right = unlimited;  ///< how many keys after it, or all

  bool operator==(const Window&) const = default;
};

/// What a query gets that sees no key.
enum class EmptyRow {
  zeros,
  nan,
  softmax,  ///< what softmax makes of the masked scores: uniform where a mask value replaces them
};

/// How an attention is computed. Both give the same but for the rounding of sums.
enum class Form {
  automatic,  ///< tiled for long inputs of which only the output is wanted
  readable,   ///< step by step, with all scores at once
  tiled,      ///< tile by tile: memory grows with L + S
};

struct AttentionOptions {
  ConventionName convention = ConventionName::none;

  // --- the operands ---
  std::optional<Layout> layout{};  ///< of operands of four axes; default the convention's
  Index heads = 0;      ///< splits the last axis of queries of two or three axes; 0 = not split
  Index kv_heads = 0;   ///< the same of keys and values; 0 = as many as `heads`
  Tensor past_key{};    ///< (B, kv heads, P, D): keys before the first; with past_value
  Tensor past_value{};  ///< (B, kv heads, P, Dv)

  // --- raw scores, capped ---
  Score score = Score::scaled_dot;
  ScoreParameters score_parameters{};  ///< of the scores that have some
  std::optional<float> scale{};        ///< multiplies the score; default 1 / sqrt(D) or 1
  float softcap = 0;                   ///< scores become softcap tanh(score / softcap); 0 = do not

  // --- which keys a query sees ---
  Tensor bias{};      ///< added to the scores; -infinity hides
  Tensor mask{};      ///< of 0 and 1, by the convention's polarity; shapes as convention.h says
  Tensor key_mask{};  ///< (B, S), or (S) without a batch: the same of keys, for all queries
  std::vector<Index> key_lengths{};    ///< (B) or (B L), each 0 … S: later keys are padding
  std::vector<Index> query_lengths{};  ///< (B), each 0 … L: later queries give zeros
  bool causal = false;                 ///< a query sees no key after the one that it stands at
  Origin origin = Origin::unstated;    ///< which one that is
  Index offset = 0;                    ///< with Origin::offset
  Window window{};
  std::optional<float> mask_value{};    ///< the score of a hidden key; default the convention's
  std::optional<EmptyRow> empty_row{};  ///< default the convention's

  // --- weights ---
  Alignment alignment = Alignment::softmax;
  AlignmentOptions alignment_options{};
  float dropout = 0;  ///< of weights, 0 to below 1: applied whenever it is not 0
  uint64_t seed = 0;  ///< of dropout

  // --- what is returned beside the output ---
  Form form = Form::automatic;
  bool raw = false;      ///< scores before the cap
  bool capped = false;   ///< after the cap
  bool masked = false;   ///< with bias, and the mask value for hidden keys
  bool weights = false;  ///< as they multiply the values: after dropout

  // --- what is changed on the way ---
  std::vector<Edit> edits{};  ///< applied in order; without a gradient
};

}  // namespace regard::attention
