// SPDX-License-Identifier: MIT
#pragma once

#include "layers/stacks.h"

namespace regard::layers {

struct TransformerOptions {
  BlockOptions block{};
  Index encoder_layers = 6;
  Index decoder_layers = 6;
};

/// The two stacks and nothing else, torch.nn.Transformer: no embeddings, no positions, no output
/// projection. A norm follows the last layer of both, wherever the blocks have theirs.
class Transformer {
 public:
  /// To begin as PyTorch's does, initialize with InitialWeights::xavier.
  Transformer(const TransformerOptions& options, Initializer& initializer);

  /// What the three kinds of attention are told.
  struct Calls {
    MultiHeadCall encoder{};  ///< source to source
    MultiHeadCall decoder{};  ///< target to target
    MultiHeadCall memory{};   ///< target to what the encoder made of the source
  };

  /// What all of its layers looked at.
  struct Weights {
    std::vector<Tensor> encoder;                 ///< (B, H, S, S) of each layer
    std::vector<DecoderLayer::Weights> decoder;  ///< of each layer
  };

  /// source   (B, S, M), or (S, M)
  /// target   (B, L, M), or (L, M)
  /// weights  receives the weights of all layers if not null
  /// returns  (B, L, M)
  /// throws   ShapeError, ValueError
  Variable forward(Pass& pass, const Variable& source, const Variable& target, const Calls& calls,
                   Weights* weights = nullptr) const;

  void collect(const std::string& prefix, Parameters& parameters) const;
  void prepack();

 private:
  Encoder encoder_;
  Decoder decoder_;
};

}  // namespace regard::layers
