// SPDX-License-Identifier: MIT
#pragma once

#include "layers/block.h"

namespace regard::layers {

/// One layer of a Transformer's decoder: self-attention, attention to the encoder's states, then
/// feed-forward [Vaswani et al. 2017, section 3.1].
class DecoderLayer {
 public:
  DecoderLayer(const BlockOptions& options, Initializer& initializer);

  const MultiHeadAttention& cross_attention() const noexcept { return cross_attention_; }

  /// What the layer's two attentions are told.
  struct Calls {
    MultiHeadCall self{};
    MultiHeadCall cross{};
  };

  /// What they looked at.
  struct Weights {
    Tensor self;   ///< (B, H, L, L)
    Tensor cross;  ///< (B, H, L, S)
  };

  /// x        (B, L, M), or (L, M)
  /// memory   (B, S, M)  the encoder's states
  /// calls    which places and states are seen: causal, where time is not to run backwards
  /// weights  receives both attentions' if not null
  Variable forward(Pass& pass, const Variable& x, const Variable& memory, const Calls& calls,
                   Weights* weights = nullptr) const;

  /// Adds the keys and values of the step's own rows to what the rows can see.
  using Remember =
      std::function<const attention::CachedKeys&(const Variable& keys, const Variable& values)>;

  /// One place a row. `remember` is given the projected keys and values of x and returns all keys
  /// that each row sees, its own among them.
  ///
  /// x       (rows, M)
  /// weights self (rows, H, t) and cross (rows, H, S), allocated by the caller
  Variable step(Pass& pass, const Variable& x, const Remember& remember,
                const attention::CachedKeys& memory, Weights& weights) const;

  void collect(const std::string& prefix, Parameters& parameters) const;
  void prepack();

 private:
  BlockOptions options_;
  MultiHeadAttention self_attention_;
  LayerNorm self_norm_;
  MultiHeadAttention cross_attention_;
  LayerNorm cross_norm_;
  FeedForward feed_forward_;
  LayerNorm final_norm_;
};

}  // namespace regard::layers
