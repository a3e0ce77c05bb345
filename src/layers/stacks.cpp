// SPDX-License-Identifier: MIT
#include "layers/stacks.h"

#include <utility>

#include "layers/probe.h"

namespace regard::layers {

namespace {

// The parts that both stacks are made of.
template <class Layer>
void make(const StackOptions& options, Initializer& initializer, std::vector<Layer>& layers,
          std::optional<LayerNorm>& norm) {
  for (Index i = 0; i < options.layers; ++i) layers.emplace_back(options.block, initializer);
  if (options.norm) norm.emplace(options.block.M, initializer, options.block.norms());
}

template <class Layer>
void collect_all(const std::string& prefix, Naming naming, const std::vector<Layer>& layers,
                 const std::optional<LayerNorm>& norm, Parameters& parameters) {
  for (size_t i = 0; i < layers.size(); ++i) {
    layers[i].collect(under(prefix, "layers." + std::to_string(i)), parameters);
  }
  if (!norm) return;
  norm->collect(under(prefix, naming == Naming::torch ? "norm" : "layer_norm"), parameters);
}

}  // namespace

Encoder::Encoder(const StackOptions& options, Initializer& initializer)
    : naming_(options.block.naming) {
  make(options, initializer, layers_, norm_);
}

Variable Encoder::forward(Pass& pass, Variable x, const MultiHeadCall& call,
                          std::vector<Tensor>* weights) const {
  if (weights) weights->resize(layers_.size());
  for (size_t i = 0; i < layers_.size(); ++i) {
    const Within layer(pass, "encoder", i);
    x = layers_[i].forward(pass, x, call, weights ? &(*weights)[i] : nullptr);
  }
  return norm_ ? norm_->forward(pass, x) : x;
}

void Encoder::collect(const std::string& prefix, Parameters& parameters) const {
  collect_all(prefix, naming_, layers_, norm_, parameters);
}

void Encoder::prepack() {
  for (EncoderLayer& layer : layers_) layer.prepack();
}

Decoder::Decoder(const StackOptions& options, Initializer& initializer)
    : naming_(options.block.naming) {
  make(options, initializer, layers_, norm_);
}

Variable Decoder::forward(Pass& pass, Variable x, const Variable& memory,
                          const DecoderLayer::Calls& calls,
                          std::vector<DecoderLayer::Weights>* weights) const {
  if (weights) weights->resize(layers_.size());
  for (size_t i = 0; i < layers_.size(); ++i) {
    const Within layer(pass, "decoder", i);
    x = layers_[i].forward(pass, x, memory, calls, weights ? &(*weights)[i] : nullptr);
  }
  return finish(pass, x);
}

Variable Decoder::finish(Pass& pass, const Variable& x) const {
  return norm_ ? norm_->forward(pass, x) : x;
}

void Decoder::collect(const std::string& prefix, Parameters& parameters) const {
  collect_all(prefix, naming_, layers_, norm_, parameters);
}

void Decoder::prepack() {
  for (DecoderLayer& layer : layers_) layer.prepack();
}

}  // namespace regard::layers
