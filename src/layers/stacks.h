// SPDX-License-Identifier: MIT
// The two stacks of a Transformer.
#pragma once

#include <optional>

#include "layers/decoder_layer.h"
#include "layers/encoder_layer.h"

namespace regard::layers {

struct StackOptions {
  BlockOptions block{};
  Index layers = 6;
  bool norm = false;  ///< whether one more norm follows the last layer
};

/// A Transformer's encoder: layers one after the other [Vaswani et al. 2017, section 3.1].
class Encoder {
 public:
  Encoder(const StackOptions& options, Initializer& initializer);

  /// x        (B, L, M), or (L, M)
  /// call     the same for every layer
  /// weights  receives (B, H, L, L) of each layer if not null
  Variable forward(Pass& pass, Variable x, const MultiHeadCall& call = {},
                   std::vector<Tensor>* weights = nullptr) const;

  void collect(const std::string& prefix, Parameters& parameters) const;
  void prepack();

 private:
  Naming naming_;
  std::vector<EncoderLayer> layers_;
  std::optional<LayerNorm> norm_;
};

/// A Transformer's decoder.
class Decoder {
 public:
  Decoder(const StackOptions& options, Initializer& initializer);

  const std::vector<DecoderLayer>& layers() const noexcept { return layers_; }

  /// x        (B, L, M), or (L, M)
  /// memory   (B, S, M)  the encoder's states
  /// calls    the same for every layer
  /// weights  receives both attentions' of each layer if not null
  Variable forward(Pass& pass, Variable x, const Variable& memory, const DecoderLayer::Calls& calls,
                   std::vector<DecoderLayer::Weights>* weights = nullptr) const;
  /// The norm after the last layer, if there is one: for whoever runs the layers step by step.
  Variable finish(Pass& pass, const Variable& x) const;

  void collect(const std::string& prefix, Parameters& parameters) const;
  void prepack();

 private:
  Naming naming_;
  std::vector<DecoderLayer> layers_;
  std::optional<LayerNorm> norm_;
};

}  // namespace regard::layers
