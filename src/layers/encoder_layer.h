// SPDX-License-Identifier: MIT
#pragma once

#include "layers/block.h"

namespace regard::layers {

/// One layer of a Transformer's encoder: self-attention, then feed-forward
/// [Vaswani et al. 2017, section 3.1].
class EncoderLayer {
 public:
  EncoderLayer(const BlockOptions& options, Initializer& initializer);

  /// x        (B, L, M), or (L, M)
  /// call     which places are seen, and what is added to their scores
  /// weights  receives (B, H, L, L) if not null
  Variable forward(Pass& pass, const Variable& x, const MultiHeadCall& call = {},
                   Tensor* weights = nullptr) const;

  void collect(const std::string& prefix, Parameters& parameters) const;
  void prepack();

 private:
  BlockOptions options_;
  MultiHeadAttention attention_;
  LayerNorm attention_norm_;
  FeedForward feed_forward_;
  LayerNorm final_norm_;
};

}  // namespace regard::layers
