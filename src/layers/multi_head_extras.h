// SPDX-License-Identifier: MIT
// What torch.nn.MultiheadAttention has beside projections and heads, and what places are to later
// attentions.
#pragma once

#include <optional>

#include "autograd/rotary.h"
#include "layers/multi_head_attention.h"
#include "layers/relative_bias.h"

namespace regard::layers {

struct MultiHeadExtras {
  bool bias_kv = false;  ///< one more key and value, learned: PyTorch's add_bias_kv
  bool zero_kv = false;  ///< one more key and value, zeros: add_zero_attn
  std::optional<autograd::RotaryOptions> rotary{};  ///< turns queries and keys; heads are known
  std::optional<RelativeOptions> relative_keys{};   ///< keys of distances, learned: RelativeKeys
};

/// An attention with extras: MultiHeadAttention(options, initializer, with(options, …)).
///
/// A learned key and value, then one of zeros, stand behind the others if there are any, and every
/// query sees them: S grows in the weights too. They go by PyTorch's names bias_k and bias_v.
///
/// returns  an extension, null without extras; its attention throws ValueError for keys behind the
/// others with causal,
///          window or key_lengths, which are to be said as a mask
/// throws   ValueError as MultiHeadAttention, RelativeKeys
std::shared_ptr<const MultiHeadExtension> with(const MultiHeadOptions& options,
                                               const MultiHeadExtras& extras,
                                               Initializer& initializer);

/// A bias of scores, with one of keys that holds for all queries and heads.
///
/// bias      may be null; where the scores are (B, H, L, S), also (B H, L, S), as PyTorch has it
/// key_bias  (B, S), or (S) without a batch
/// throws    ShapeError if they do not fit
Variable with_key_bias(Pass& pass, const Variable& bias, const Variable& key_bias, Index H);

/// The mean over the heads of weights (B, H, L, S) or (H, L, S).
Variable average_heads(Pass& pass, const Variable& weights);

}  // namespace regard::layers
