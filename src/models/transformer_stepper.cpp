// SPDX-License-Identifier: MIT
#include "models/transformer_stepper.h"

#include <utility>

#include "autograd/operations.h"

namespace regard::models {

namespace {

// Where the first `count` rows of each (S, M) matrix of a (B, S, M) tensor lie.
std::vector<std::vector<const float*>> row_pointers(const Tensor& x,
                                                    const std::vector<Index>& counts) {
  const Index S = x.size(1), M = x.size(2);
  std::vector<std::vector<const float*>> pointers(counts.size());
  for (size_t b = 0; b < counts.size(); ++b) {
    for (Index s = 0; s < counts[b]; ++s) {
      pointers[b].push_back(x.data() + (static_cast<Index>(b) * S + s) * M);
    }
  }
  return pointers;
}

}  // namespace

TransformerStepper::TransformerStepper(const Transformer& model, Encoded encoded,
                                       const Interventions& interventions)
    : model_(model), encoded_(std::move(encoded)), caches_(model.decoder_.layers().size()) {
  check_interventions(interventions, model.config(), encoded_.states.size(1));
  if (!interventions.empty()) probe_ = probe_for(interventions);
  layers::Tape tape(layers::Tape::Mode::forget);
  layers::Pass pass{.tape = tape, .probe = probe()};
  const Variable memory = autograd::constant(encoded_.states);
  for (size_t i = 0; i < caches_.size(); ++i) {
    Cache& cache = caches_[i];
    const layers::Within layer(pass, "decoder", i), cross(pass, "cross");
    const auto& attention = model.decoder_.layers()[i].cross_attention();
    cache.memory_keys = attention.project_keys(pass, memory)->value;
    cache.memory_values = attention.project_values(pass, memory)->value;
    cache.source_keys = row_pointers(cache.memory_keys, encoded_.lengths);
    cache.source_values = row_pointers(cache.memory_values, encoded_.lengths);
  }
}

void TransformerStepper::follow(const Ids& tokens, const std::vector<Index>& parents) {
  if (tokens.size() != parents.size() || tokens.empty()) {
    throw ValueError("step: ", tokens.size(), " tokens and ", parents.size(),
                     " parents, expected as many, at least one");
  }
  if (time_ >= max_length()) {
    throw ValueError("step: the model has positions for ", max_length(), " tokens, all are taken");
  }
  const Index before = time_ == 0 ? sentences() : static_cast<Index>(sentence_.size());
  std::vector<Index> sentence;
  std::vector<std::vector<Index>> history;
  for (size_t r = 0; r < parents.size(); ++r) {
    if (parents[r] < 0 || parents[r] >= before) {
      throw ValueError("step: a parent is ", parents[r], ", expected 0 to ", before - 1);
    }
    const auto parent = static_cast<size_t>(parents[r]);
    sentence.push_back(time_ == 0 ? parents[r] : sentence_[parent]);
    history.push_back(time_ == 0 ? std::vector<Index>{} : history_[parent]);
    history.back().push_back(static_cast<Index>(r));
  }
  sentence_ = std::move(sentence);
  history_ = std::move(history);
}

const attention::CachedKeys& TransformerStepper::remember(Cache& cache, const Variable& keys,
                                                          const Variable& values) {
  cache.keys.push_back(keys->value);
  cache.values.push_back(values->value);
  const Index M = model_.config().M;
  const size_t rows = history_.size();
  seen_keys_.resize(rows);
  seen_values_.resize(rows);
  seen_.keys.resize(rows);
  seen_.values.resize(rows);
  for (size_t r = 0; r < rows; ++r) {
    seen_keys_[r].resize(history_[r].size());
    seen_values_[r].resize(history_[r].size());
    for (size_t t = 0; t < history_[r].size(); ++t) {
      seen_keys_[r][t] = cache.keys[t].data() + history_[r][t] * M;
      seen_values_[r][t] = cache.values[t].data() + history_[r][t] * M;
    }
    seen_.keys[r] = seen_keys_[r];
    seen_.values[r] = seen_values_[r];
  }
  return seen_;
}

attention::CachedKeys TransformerStepper::source_of_rows(const Cache& cache) const {
  attention::CachedKeys source;
  for (const Index sentence : sentence_) {
    source.keys.emplace_back(cache.source_keys[static_cast<size_t>(sentence)]);
    source.values.emplace_back(cache.source_values[static_cast<size_t>(sentence)]);
  }
  return source;
}

Tensor TransformerStepper::step(const Ids& tokens, const std::vector<Index>& parents) {
  follow(tokens, parents);
  const Index rows = static_cast<Index>(tokens.size());
  const Index H = model_.config().decoder_heads, S = encoded_.states.size(1);
  attention_ = {};

  if (probe_) probe_->step(sentence_, time_);
  layers::Tape tape(layers::Tape::Mode::forget);
  layers::Pass pass{.tape = tape, .probe = probe()};
  Variable x = model_.embed(pass, tokens, rows, time_, model_.target_table_);
  x = autograd::constant(x->value.reshape({rows, model_.config().M}));
  for (size_t i = 0; i < caches_.size(); ++i) {
    const layers::Within layer(pass, "decoder", i);
    layers::DecoderLayer::Weights weights{Tensor::empty({rows, H, time_ + 1}),
                                          Tensor::empty({rows, H, S})};
    x = model_.decoder_.layers()[i].step(
        pass, x,
        [&](const Variable& keys, const Variable& values) -> const attention::CachedKeys& {
          return remember(caches_[i], keys, values);
        },
        source_of_rows(caches_[i]), weights);
    if (keeps_attention_) {
      attention_.decoder_self.push_back(weights.self);
      attention_.cross.push_back(weights.cross);
    }
  }
  x = model_.decoder_.finish(pass, x);
  ++time_;
  return model_.logits(pass, x)->value;
}

}  // namespace regard::models
