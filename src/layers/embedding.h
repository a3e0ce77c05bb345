// SPDX-License-Identifier: MIT
#pragma once

#include <optional>

#include "autograd/indexing.h"
#include "layers/parameters.h"

namespace regard::layers {

/// A table of M numbers for each id of a vocabulary: torch.nn.Embedding.
class Embedding {
 public:
  /// padding  an id whose row begins as zeros and gets no gradient, so that it stays; none if unset
  /// throws   ValueError unless padding is in the vocabulary
  Embedding(Index V, Index M, Initializer& initializer, std::optional<Id> padding = {});

  /// ids (any…) → (any…, M). throws ValueError for an id that is not in the vocabulary.
  Variable forward(Pass& pass, const autograd::Indices& ids) const;
  void collect(const std::string& prefix, Parameters& parameters) const;

 private:
  Variable table_;  // (V, M)
  std::optional<Id> padding_;
};

}  // namespace regard::layers
