// SPDX-License-Identifier: MIT
// Changing what a Transformer's attentions do, to see what follows.
#pragma once

#include <optional>
#include <vector>

#include "layers/probe.h"
#include "models/transformer_config.h"

namespace regard::models {

/// The attentions of an encoder-decoder.
enum class Where {
  encoder,  ///< of the source to itself
  decoder,  ///< of the target to what of it is there
  cross,    ///< of the target to the source
};

/// A change of one attention, of all its sentences unless edit.batch names one.
///
/// In the decoder and in cross-attention, row t of all but keys and values is the step that
/// predicts target piece t. A row of the decoder's scores and weights has t + 1 keys, the start
/// token first: those that step t sees.
struct Intervention {
  Where where = Where::encoder;
  Index layer = 0;
  attention::Edit edit{};
};
using Interventions = std::vector<Intervention>;

/// Checks interventions against a model and a source of S pieces.
///
/// T       target pieces, if they are known already
/// throws  ValueError `intervention 0: layer is 6, expected 0 to 5`, the same of heads and rows;
///         `intervention 0: row is missing, …` for the decoder's scores and weights, whose rows
///         differ in width; ShapeError `intervention 0: values are (3), expected (1) or (7)`
void check_interventions(const Interventions& interventions, const TransformerConfig& config,
                         Index S, std::optional<Index> T = {});

/// What carries the interventions out. For a pass over whole targets of T pieces; or, without T,
/// for the encoder and for steps.
layers::Probe probe_for(const Interventions& interventions, std::optional<Index> T = {});

/// `encoder.3.self`, `decoder.0.self`, `decoder.0.cross`.
std::string attention_name(Where where, Index layer);

}  // namespace regard::models
