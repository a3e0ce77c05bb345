// SPDX-License-Identifier: MIT
#pragma once

#include <memory>

#include "layers/stacks.h"
#include "models/intervention.h"
#include "models/stepper.h"
#include "models/transformer_config.h"

namespace regard::models {

using autograd::Variable;

/// What the encoder made of a batch of source sentences.
struct Encoded {
  Tensor states;                  ///< (B, S, M)
  std::vector<Index> lengths;     ///< (B)  states from there on are padding
  std::vector<Tensor> attention;  ///< one (B, H, S, S) for each layer, if it was kept
};

/// The encoder-decoder Transformer [Vaswani et al. 2017, section 3], in Marian's layout:
/// scaled embeddings without a norm, sinusoids, one table for both sides and the output.
class Transformer {
 public:
  /// throws ValueError or OutOfMemoryError for sizes that cannot be.
  Transformer(const TransformerConfig& config, layers::Initializer initializer);

  const TransformerConfig& config() const noexcept { return config_; }

  // --- On a tape, for training; with a probe in the pass, for looking inside ---

  /// Source ids (B S), row-major and padded → states (B, S, M). `weights` receives each layer's
  /// attention if not null.
  Variable encode(layers::Pass& pass, const Ids& ids, const std::vector<Index>& lengths,
                  std::vector<Tensor>* weights = nullptr) const;
  /// Target ids (B L), the start token first → states (B, L, M).
  Variable decode(layers::Pass& pass, const Ids& ids, const Variable& memory,
                  const std::vector<Index>& memory_lengths,
                  std::vector<layers::DecoderLayer::Weights>* weights = nullptr) const;
  /// States (..., M) → logits (..., V).
  Variable logits(layers::Pass& pass, const Variable& states) const;

  // --- For translating ---

  /// Runs the encoder on sentences of any lengths, those of its attentions changed that are to be.
  /// throws ValueError if there is none, if one is empty or longer than max_positions, or if an id
  ///        is not in the vocabulary; what check_interventions() throws
  Encoded encode(const std::vector<Ids>& sources, bool keep_attention = false,
                 const Interventions& interventions = {}) const;
  /// A decoder for these sentences, its attentions changed likewise; the model must outlive it.
  /// throws what check_interventions() throws
  std::unique_ptr<Stepper> start(Encoded encoded, const Interventions& interventions = {}) const;

  /// All parameters by Marian's names; the table of a shared vocabulary once, as
  /// `model.shared.weight`. throws ValueError if they are kept as int8: they have no values then.
  layers::Parameters parameters() const;
  /// The same, whatever they are kept as.
  layers::Parameters stored_parameters() const;
  /// Packs all weights for products: to be called when loading is done.
  void prepack();
  /// Sets the padding's gradient to zero, so that its embedding stays zero.
  void pin_padding() const;

 private:
  friend class TransformerStepper;

  Variable embed(layers::Pass& pass, const Ids& ids, Index B, Index first,
                 const Variable& table) const;
  Tensor encode_padded(layers::Pass& pass, std::span<const Ids> sources, Index S,
                       std::vector<Tensor>* weights) const;

  TransformerConfig config_;
  Tensor positions_;       // (max_positions, M)
  Variable source_table_;  // (V, M)
  Variable target_table_;  // (target_V, M), the same variable where the tables are shared
  Variable logits_bias_;   // (target_V)
  Tensor packed_output_;   // target_table_ transposed, for logits
  layers::Encoder encoder_;
  layers::Decoder decoder_;
};

}  // namespace regard::models
