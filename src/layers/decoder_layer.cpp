// SPDX-License-Identifier: MIT
#include "layers/decoder_layer.h"

#include "layers/probe.h"

namespace regard::layers {

DecoderLayer::DecoderLayer(const BlockOptions& options, Initializer& initializer)
    : norm_(options.norm),
      self_attention_(options.M, options.H, initializer),
      self_norm_(options.M, initializer),
      cross_attention_(options.M, options.H, initializer),
      cross_norm_(options.M, initializer),
      feed_forward_(options, initializer),
      final_norm_(options.M, initializer) {}

Variable DecoderLayer::forward(Pass& pass, const Variable& x, const Variable& memory,
                               const std::vector<Index>& memory_lengths, Weights* weights) const {
  Variable state = residual(pass, norm_, self_norm_, x, [&](const Variable& y) {
    const Within self(pass, "self");
    return self_attention_.forward(pass, y, y, {.causal = true},
                                   weights ? &weights->self : nullptr);
  });
  state = residual(pass, norm_, cross_norm_, state, [&](const Variable& y) {
    const Within cross(pass, "cross");
    return cross_attention_.forward(pass, y, memory, {.key_lengths = memory_lengths},
                                    weights ? &weights->cross : nullptr);
  });
  return residual(pass, norm_, final_norm_, state,
                  [&](const Variable& y) { return feed_forward_.forward(pass, y); });
}

Variable DecoderLayer::step(Pass& pass, const Variable& x, const Remember& remember,
                            const attention::CachedKeys& memory, Weights& weights) const {
  Variable state = residual(pass, norm_, self_norm_, x, [&](const Variable& y) {
    const Within self(pass, "self");
    const auto& seen =
        remember(self_attention_.project_keys(pass, y), self_attention_.project_values(pass, y));
    return self_attention_.step(pass, y, seen, weights.self);
  });
  state = residual(pass, norm_, cross_norm_, state, [&](const Variable& y) {
    const Within cross(pass, "cross");
    return cross_attention_.step(pass, y, memory, weights.cross);
  });
  return residual(pass, norm_, final_norm_, state,
                  [&](const Variable& y) { return feed_forward_.forward(pass, y); });
}

void DecoderLayer::collect(const std::string& prefix, Parameters& parameters) const {
  self_attention_.collect(prefix + ".self_attn", parameters);
  self_norm_.collect(prefix + ".self_attn_layer_norm", parameters);
  cross_attention_.collect(prefix + ".encoder_attn", parameters);
  cross_norm_.collect(prefix + ".encoder_attn_layer_norm", parameters);
  feed_forward_.collect(prefix, parameters);
  final_norm_.collect(prefix + ".final_layer_norm", parameters);
}

void DecoderLayer::prepack() {
  self_attention_.prepack();
  cross_attention_.prepack();
  feed_forward_.prepack();
}

}  // namespace regard::layers
