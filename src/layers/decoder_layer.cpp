// SPDX-License-Identifier: MIT
#include "layers/decoder_layer.h"

#include "layers/probe.h"

namespace regard::layers {

DecoderLayer::DecoderLayer(const BlockOptions& options, Initializer& initializer)
    : options_(options),
      self_attention_(options.attention(), initializer),
      self_norm_(options.M, initializer, options.norms()),
      cross_attention_(options.attention(), initializer),
      cross_norm_(options.M, initializer, options.norms()),
      feed_forward_(options, initializer),
      final_norm_(options.M, initializer, options.norms()) {}

Variable DecoderLayer::forward(Pass& pass, const Variable& x, const Variable& memory,
                               const Calls& calls, Weights* weights) const {
  Variable state = residual(pass, options_, self_norm_, x, [&](const Variable& y) {
    const Within self(pass, "self");
    return self_attention_.forward(pass, {y, y, y}, calls.self, weights ? &weights->self : nullptr);
  });
  state = residual(pass, options_, cross_norm_, state, [&](const Variable& y) {
    const Within cross(pass, "cross");
    return cross_attention_.forward(pass, {y, memory, memory}, calls.cross,
                                    weights ? &weights->cross : nullptr);
  });
  return residual(pass, options_, final_norm_, state,
                  [&](const Variable& y) { return feed_forward_.forward(pass, y); });
}

Variable DecoderLayer::step(Pass& pass, const Variable& x, const Remember& remember,
                            const attention::CachedKeys& memory, Weights& weights) const {
  Variable state = residual(pass, options_, self_norm_, x, [&](const Variable& y) {
    const Within self(pass, "self");
    const auto& seen =
        remember(self_attention_.project_keys(pass, y), self_attention_.project_values(pass, y));
    return self_attention_.step(pass, y, seen, weights.self);
  });
  state = residual(pass, options_, cross_norm_, state, [&](const Variable& y) {
    const Within cross(pass, "cross");
    return cross_attention_.step(pass, y, memory, weights.cross);
  });
  return residual(pass, options_, final_norm_, state,
                  [&](const Variable& y) { return feed_forward_.forward(pass, y); });
}

void DecoderLayer::collect(const std::string& prefix, Parameters& parameters) const {
  const bool torch = options_.naming == Naming::torch;
  self_attention_.collect(under(prefix, "self_attn"), parameters);
  self_norm_.collect(under(prefix, torch ? "norm1" : "self_attn_layer_norm"), parameters);
  cross_attention_.collect(under(prefix, torch ? "multihead_attn" : "encoder_attn"), parameters);
  cross_norm_.collect(under(prefix, torch ? "norm2" : "encoder_attn_layer_norm"), parameters);
  feed_forward_.collect(prefix, parameters);
  final_norm_.collect(under(prefix, torch ? "norm3" : "final_layer_norm"), parameters);
}

void DecoderLayer::prepack() {
  self_attention_.prepack();
  cross_attention_.prepack();
  feed_forward_.prepack();
}

}  // namespace regard::layers
