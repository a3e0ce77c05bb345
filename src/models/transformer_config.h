// SPDX-License-Identifier: MIT
#pragma once

#include "io/json.h"
#include "layers/block.h"
#include "layers/positions.h"

namespace regard::models {

/// The sizes and choices of an encoder-decoder Transformer; what a folder's config.json says.
struct TransformerConfig {
  Index V = 0;         ///< source vocabulary; the target's as well where they are shared
  Index target_V = 0;  ///< target vocabulary
  Index M = 256;       ///< model width
  Index encoder_layers = 4, decoder_layers = 4;
  Index encoder_heads = 4, decoder_heads = 4;
  Index encoder_F = 1024, decoder_F = 1024;  ///< feed-forward widths
  kernels::Activation activation = kernels::Activation::relu;
  layers::NormOrder norm = layers::NormOrder::post;
  layers::SinusoidOrder positions = layers::SinusoidOrder::halves;
  Index max_positions = 512;
  bool scale_embedding = true;   ///< embeddings are multiplied by sqrt(M)
  bool share_embeddings = true;  ///< one table for encoder, decoder and output
  float dropout = 0.1f;          ///< in training
  double init_std = 0.02;        ///< of new projections, see layers::Initializer
  Id pad = 0;                    ///< its embedding is zero, and nobody predicts it
  Id decoder_start = 0;
  bool marian = true;  ///< whether the folder is in Marian's layout or in our own
};

/// The configuration in a config.json whose model_type is `marian`, or `regard-transformer` for
/// what Marian's layout cannot say: `norm_order` "pre" and `sinusoid_order` "interleaved".
/// throws FormatError for a field that is missing, of the wrong type or out of range.
TransformerConfig read_transformer_config(const io::Json& json, const std::string& name);

}  // namespace regard::models
