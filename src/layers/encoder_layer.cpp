// SPDX-License-Identifier: MIT
#include "layers/encoder_layer.h"

#include "layers/probe.h"

namespace regard::layers {

EncoderLayer::EncoderLayer(const BlockOptions& options, Initializer& initializer)
    : options_(options),
      attention_(options.attention(), initializer),
      attention_norm_(options.M, initializer, options.norms()),
      feed_forward_(options, initializer),
      final_norm_(options.M, initializer, options.norms()) {}

Variable EncoderLayer::forward(Pass& pass, const Variable& x, const MultiHeadCall& call,
                               Tensor* weights) const {
  const Variable attended = residual(pass, options_, attention_norm_, x, [&](const Variable& y) {
    const Within self(pass, "self");
    return attention_.forward(pass, {y, y, y}, call, weights);
  });
  return residual(pass, options_, final_norm_, attended,
                  [&](const Variable& y) { return feed_forward_.forward(pass, y); });
}

void EncoderLayer::collect(const std::string& prefix, Parameters& parameters) const {
  const bool torch = options_.naming == Naming::torch;
  attention_.collect(under(prefix, "self_attn"), parameters);
  attention_norm_.collect(under(prefix, torch ? "norm1" : "self_attn_layer_norm"), parameters);
  feed_forward_.collect(prefix, parameters);
  final_norm_.collect(under(prefix, torch ? "norm2" : "final_layer_norm"), parameters);
}

void EncoderLayer::prepack() {
  attention_.prepack();
  feed_forward_.prepack();
}

}  // namespace regard::layers
