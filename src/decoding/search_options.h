// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <vector>

#include "models/generation_config.h"

namespace regard::decoding {

/// When a sentence whose `beams` places are all taken by finished hypotheses is done.
enum class EarlyStopping {
  no,   ///< when the best unfinished one, scored at its present length, is no better than the worst
  yes,  ///< at once
  never,  ///< when the best unfinished one could not become better than the worst at any length
};

/// What a search looks for; the names and meanings of Hugging Face's `generation_config.json`.
struct SearchOptions {
  Index beams = 4;           ///< 1 to 64; 1 is greedy search
  float length_penalty = 1;  ///< a score is Σ log p / length ** length_penalty
  EarlyStopping early_stopping = EarlyStopping::no;
  Index max_length = 512;  ///< the most tokens of a hypothesis, the start token included
  Id eos = 0;
  Id decoder_start = 0;
  /// The only token allowed where max_length leaves room for one.
  std::optional<Id> forced_eos;
  /// Make the probabilities sum to 1 again after tokens were forbidden.
  bool renormalize_logits = false;
  /// Sequences that no hypothesis may contain; one that is `eos` alone is ignored.
  std::vector<Ids> bad_words;
  /// What every hypothesis begins with. It counts neither in the score nor in the score's length.
  Ids prefix;
  Index n_best = 1;        ///< how many hypotheses to return, 1 to beams
  bool attention = false;  ///< keep what attention() of a search gathers
};

/// What a model asks for.
SearchOptions usual_options(const models::GenerationConfig& config);

/// The options themselves, if they fit a model.
///
/// longest  the most tokens that a row of the model's decoder may hold
/// throws   ValueError "translate: beams is 0, expected 1 to 64" and the like, if an option is
/// outside
///          of its range, an id outside of 0 … vocabulary-1, or max_length above `longest`
const SearchOptions& checked(const SearchOptions& options, Index vocabulary, Index longest);

}  // namespace regard::decoding
