// SPDX-License-Identifier: MIT
#include "layers/encoder_layer.h"

#include "layers/probe.h"

namespace regard::layers {

EncoderLayer::EncoderLayer(const BlockOptions& options, Initializer& initializer)
    : norm_(options.norm),
      attention_(options.M, options.H, initializer),
      attention_norm_(options.M, initializer),
      feed_forward_(options, initializer),
      final_norm_(options.M, initializer) {}

Variable EncoderLayer::forward(Pass& pass, const Variable& x, const std::vector<Index>& lengths,
                               Tensor* weights) const {
  const Variable attended = residual(pass, norm_, attention_norm_, x, [&](const Variable& y) {
    const Within self(pass, "self");
    return attention_.forward(pass, y, y, {.key_lengths = lengths}, weights);
  });
  return residual(pass, norm_, final_norm_, attended,
                  [&](const Variable& y) { return feed_forward_.forward(pass, y); });
}

void EncoderLayer::collect(const std::string& prefix, Parameters& parameters) const {
  attention_.collect(prefix + ".self_attn", parameters);
  attention_norm_.collect(prefix + ".self_attn_layer_norm", parameters);
  feed_forward_.collect(prefix, parameters);
  final_norm_.collect(prefix + ".final_layer_norm", parameters);
}

void EncoderLayer::prepack() {
  attention_.prepack();
  feed_forward_.prepack();
}

}  // namespace regard::layers
