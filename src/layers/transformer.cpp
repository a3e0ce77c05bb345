// SPDX-License-Identifier: MIT
#include "layers/transformer.h"

namespace regard::layers {

Transformer::Transformer(const TransformerOptions& options, Initializer& initializer)
    : encoder_({.block = options.block, .layers = options.encoder_layers, .norm = true},
               initializer),
      decoder_({.block = options.block, .layers = options.decoder_layers, .norm = true},
               initializer) {}

Variable Transformer::forward(Pass& pass, const Variable& source, const Variable& target,
                              const Calls& calls, Weights* weights) const {
  const Variable memory =
      encoder_.forward(pass, source, calls.encoder, weights ? &weights->encoder : nullptr);
  return decoder_.forward(pass, target, memory, {.self = calls.decoder, .cross = calls.memory},
                          weights ? &weights->decoder : nullptr);
}

void Transformer::collect(const std::string& prefix, Parameters& parameters) const {
  encoder_.collect(under(prefix, "encoder"), parameters);
  decoder_.collect(under(prefix, "decoder"), parameters);
}

void Transformer::prepack() {
  encoder_.prepack();
  decoder_.prepack();
}

}  // namespace regard::layers
