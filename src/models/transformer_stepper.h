// SPDX-License-Identifier: MIT
#pragma once

#include "models/transformer.h"

namespace regard::models {

/// The decoder of a Transformer, one token a step.
///
/// Keys and values are only ever appended: each step adds one matrix for its rows, and a row knows
/// by its history which row of every earlier matrix is its own. So no cache moves when a search
/// reorders, multiplies or drops rows.
class TransformerStepper final : public Stepper {
 public:
  TransformerStepper(const Transformer& model, Encoded encoded, const Interventions& interventions);

  Index vocabulary() const override { return model_.config().target_V; }
  Index sentences() const override { return encoded_.states.size(0); }
  Index max_length() const override { return model_.config().max_positions; }
  Tensor step(const Ids& tokens, const std::vector<Index>& parents) override;
  void keep_attention(bool keep) override { keeps_attention_ = keep; }
  const StepAttention& attention() const override { return attention_; }

 private:
  // One layer's view of the past and of the source.
  struct Cache {
    std::vector<Tensor> keys, values;   // one (rows of that step, M) for each step
    Tensor memory_keys, memory_values;  // (B, S, M)
    // For each sentence, where its states' keys and values lie.
    std::vector<std::vector<const float*>> source_keys, source_values;
  };
  using Pointers = std::vector<std::vector<const float*>>;

  layers::Probe* probe() noexcept { return probe_ ? &*probe_ : nullptr; }
  void follow(const Ids& tokens, const std::vector<Index>& parents);
  const attention::CachedKeys& remember(Cache& cache, const Variable& keys, const Variable& values);
  attention::CachedKeys source_of_rows(const Cache& cache) const;

  const Transformer& model_;
  Encoded encoded_;
  std::optional<layers::Probe> probe_;  // carries the interventions out, if there are any
  std::vector<Cache> caches_;
  Index time_ = 0;                           // steps taken
  std::vector<Index> sentence_;              // of each row
  std::vector<std::vector<Index>> history_;  // of each row: its row at every step
  Pointers seen_keys_, seen_values_;         // of each row, for the layer at hand
  attention::CachedKeys seen_;
  bool keeps_attention_ = false;
  StepAttention attention_;
};

}  // namespace regard::models
