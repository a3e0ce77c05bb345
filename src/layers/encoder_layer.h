// SPDX-License-Identifier: MIT
#pragma once

#include "layers/block.h"
#include "layers/multi_head_attention.h"

namespace regard::layers {

/// One layer of a Transformer's encoder: self-attention, then feed-forward
/// [Vaswani et al. 2017, section 3.1].
class EncoderLayer {
 public:
  EncoderLayer(const BlockOptions& options, Initializer& initializer);

  /// x        (B, L, M)
  /// lengths  (B)           places from there on are padding; empty = none
  /// weights  receives (B, H, L, L) if not null
  Variable forward(Pass& pass, const Variable& x, const std::vector<Index>& lengths,
                   Tensor* weights = nullptr) const;

  void collect(const std::string& prefix, Parameters& parameters) const;
  void prepack();

 private:
  NormOrder norm_;
  MultiHeadAttention attention_;
  LayerNorm attention_norm_;
  FeedForward feed_forward_;
  LayerNorm final_norm_;
};

}  // namespace regard::layers
