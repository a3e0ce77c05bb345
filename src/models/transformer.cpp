// SPDX-License-Identifier: MIT
#include "models/transformer.h"

#include <algorithm>
#include <cmath>

#include "autograd/operations.h"
#include "models/transformer_stepper.h"

namespace regard::models {

namespace {

layers::StackOptions stack_options(const TransformerConfig& config, Index layers, Index H,
                                   Index F) {
  return {.block =
              {.M = config.M, .H = H, .F = F, .activation = config.activation, .norm = config.norm},
          .layers = layers,
          // pre-norm leaves the sum of all layers as it is, until this one
          .norm = config.norm == layers::NormOrder::pre};
}

// Rows of unit length on average, so that sqrt(M) times them is of the size of the sinusoids.
Variable new_table(Index V, const TransformerConfig& config, layers::Initializer& initializer) {
  Variable table =
      initializer.normal({V, config.M}, 1.0 / std::sqrt(static_cast<double>(config.M)));
  if (!table->quantized) table->value.slice(config.pad, config.pad + 1).fill(0.0f);
  return table;
}

}  // namespace

Transformer::Transformer(const TransformerConfig& config, layers::Initializer initializer)
    : config_(config),
      positions_(layers::sinusoids(0, config.max_positions, config.M, config.positions)),
      source_table_(new_table(config.V, config, initializer)),
      target_table_(config.share_embeddings ? source_table_
                                            : new_table(config.target_V, config, initializer)),
      logits_bias_(initializer.filled({config.target_V}, 0.0f)),
      encoder_(stack_options(config, config.encoder_layers, config.encoder_heads, config.encoder_F),
               initializer),
      decoder_(stack_options(config, config.decoder_layers, config.decoder_heads, config.decoder_F),
               initializer) {}

Variable Transformer::embed(layers::Pass& pass, const Ids& ids, Index B, Index first,
                            const Variable& table) const {
  const Index L = static_cast<Index>(ids.size()) / B;
  if (first + L > config_.max_positions) {
    throw ValueError("transformer: ", first + L, " places, the model has positions for ",
                     config_.max_positions);
  }
  const float scale = config_.scale_embedding ? std::sqrt(static_cast<float>(config_.M)) : 1.0f;
  Variable x =
      autograd::embedding(pass.tape, ids, B, table, scale, positions_.slice(first, first + L));
  return pass.dropout == 0 ? x : autograd::dropout(pass.tape, x, pass.dropout, pass.next_seed());
}

Variable Transformer::encode(layers::Pass& pass, const Ids& ids, const std::vector<Index>& lengths,
                             std::vector<Tensor>* weights) const {
  const Variable x = embed(pass, ids, static_cast<Index>(lengths.size()), 0, source_table_);
  return encoder_.forward(pass, x, {.attention = {.key_lengths = lengths}}, weights);
}

Variable Transformer::decode(layers::Pass& pass, const Ids& ids, const Variable& memory,
                             const std::vector<Index>& memory_lengths,
                             std::vector<layers::DecoderLayer::Weights>* weights) const {
  const Variable x = embed(pass, ids, memory->value.size(0), 0, target_table_);
  return decoder_.forward(pass, x, memory,
                          {.self = {.attention = {.causal = true}},
                           .cross = {.attention = {.key_lengths = memory_lengths}}},
                          weights);
}

Variable Transformer::logits(layers::Pass& pass, const Variable& states) const {
  return autograd::linear(pass.tape, states, target_table_, logits_bias_,
                          pass.tape.recording() ? Tensor() : packed_output_);
}

Tensor Transformer::encode_padded(layers::Pass& pass, std::span<const Ids> sources, Index S,
                                  std::vector<Tensor>* weights) const {
  Ids padded;
  std::vector<Index> lengths;
  for (const Ids& source : sources) {
    lengths.push_back(std::ssize(source));
    padded.insert(padded.end(), source.begin(), source.end());
    padded.resize(lengths.size() * static_cast<size_t>(S), config_.pad);
  }
  return encode(pass, padded, lengths, weights)->value;
}

Encoded Transformer::encode(const std::vector<Ids>& sources, bool keep_attention,
                            const Interventions& interventions) const {
  if (sources.empty()) throw ValueError("encode: there are no sentences");
  Encoded encoded;
  Index S = 0;
  for (const Ids& source : sources) {
    const Index length = std::ssize(source);
    if (length == 0) throw ValueError("encode: a sentence has no ids");
    encoded.lengths.push_back(length);
    S = std::max(S, length);
  }
  check_interventions(interventions, config_, S);

  layers::Tape tape(layers::Tape::Mode::forget);
  layers::Pass pass{tape};
  if (keep_attention || !interventions.empty()) {
    layers::Probe probe = probe_for(interventions);
    if (!interventions.empty()) pass.probe = &probe;
    encoded.states = encode_padded(pass, sources, S, keep_attention ? &encoded.attention : nullptr);
    return encoded;
  }

  // Neighbours of one length go through together, and nothing is computed for padding.
  encoded.states = Tensor::zeros({std::ssize(sources), S, config_.M});
  float* target = encoded.states.data();
  for (auto run = sources.begin(); run != sources.end();) {
    const auto length = run->size();
    const auto end =
        std::find_if(run, sources.end(), [&](const Ids& other) { return other.size() != length; });
    const Index L = std::ssize(*run);
    const Tensor states = encode_padded(pass, {run, end}, L, nullptr);
    for (const float* from = states.data(); run != end; ++run) {
      std::copy_n(from, L * config_.M, target);
      from += L * config_.M;
      target += S * config_.M;
    }
  }
  return encoded;
}

std::unique_ptr<Stepper> Transformer::start(Encoded encoded,
                                            const Interventions& interventions) const {
  return std::make_unique<TransformerStepper>(*this, std::move(encoded), interventions);
}

layers::Parameters Transformer::parameters() const {
  if (source_table_->quantized) {
    throw ValueError(
        "transformer: its weights are kept as int8: they can be neither trained, nor "
        "read or written as floats");
  }
  return stored_parameters();
}

layers::Parameters Transformer::stored_parameters() const {
  layers::Parameters parameters;
  parameters.emplace_back("final_logits_bias", logits_bias_);
  if (config_.share_embeddings) {
    parameters.emplace_back("model.shared.weight", source_table_);
  } else {
    parameters.emplace_back("model.encoder.embed_tokens.weight", source_table_);
    parameters.emplace_back("model.decoder.embed_tokens.weight", target_table_);
  }
  encoder_.collect("model.encoder", parameters);
  decoder_.collect("model.decoder", parameters);
  return parameters;
}

void Transformer::prepack() {
  if (!target_table_->quantized) {
    packed_output_ = layers::pack_transposed(target_table_->value);
  }
  encoder_.prepack();
  decoder_.prepack();
}

void Transformer::pin_padding() const {
  for (const Variable& table : {source_table_, target_table_}) {
    if (table->gradient.defined()) {
      table->gradient.slice(config_.pad, config_.pad + 1).fill(0.0f);
    }
  }
}

}  // namespace regard::models
