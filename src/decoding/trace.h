// SPDX-License-Identifier: MIT
#pragma once

#include "decoding/source.h"

namespace regard::decoding {

struct TraceOptions {
  unsigned stages = layers::Probe::all_stages;  ///< which, as bits of layers::Probe
  models::Interventions interventions{};
};

/// Every step of every attention of a model, while it reads a source and predicts a given target.
struct Trace {
  Source source;
  text::Sentence target;
  std::vector<float> log_probabilities;  ///< (T) of each target piece, in nats
  /// By names like `encoder.0.self.weights` and `decoder.2.cross.queries`, as layers::Probe has
  /// them but without the batch: scores and weights (H, L, S), queries, keys, values and context
  /// (H, rows, D), output (L, M). Row i of the decoder's is the step that predicts target piece i.
  layers::Steps steps;
};

/// Runs encoder and decoder once over whole sequences, each target piece predicted from those
/// before it.
///
/// target   ids, `</s>` among them if it shall be predicted
/// throws   ValueError if the target is empty, longer than max_positions or not in the vocabulary;
///          what check_interventions() throws
/// cost     that of one training step's forward pass, and the memory of what is kept
Trace trace(const models::MarianModel& model, const std::string& source, const Ids& target,
            const TraceOptions& options = {});

/// The log-probability of each target piece, (T), in nats: the model's own, without the rules of a
/// search.
///
/// probe    looks into the pass and changes it, unless null
/// throws   as trace(), for the target
std::vector<float> log_probabilities(const models::Transformer& model, const Ids& source,
                                     const Ids& target, layers::Probe* probe = nullptr);

}  // namespace regard::decoding
