// SPDX-License-Identifier: MIT
#pragma once

#include "attention/attention.h"
#include "autograd/tape.h"

namespace regard::autograd {

/// The operands of an attention and what it may learn beside them; null where there is none. They
/// take the place of the tensors of the same name in the options.
struct AttentionInputs {
  Variable queries;
  Variable keys;
  Variable values;
  Variable bias{};
  Variable past_key{};
  Variable past_value{};
  Variable score_query{};
  Variable score_key{};
  Variable score_vector{};
  Variable position_weight{};
  Variable position_vector{};
};

/// As attention::Attention, null where nothing was asked for.
struct AttentionVariables {
  Variable output;
  Variable raw;
  Variable capped;
  Variable masked;
  Variable weights;
  Variable present_key;
  Variable present_value;
};

/// attention::attention() with gradients for all inputs, from all that it returns.
/// throws what that one throws; ValueError for hard alignments and edits if a gradient is recorded
AttentionVariables attention(Tape& tape, const AttentionInputs& inputs,
                             const attention::AttentionOptions& options = {});

}  // namespace regard::autograd
