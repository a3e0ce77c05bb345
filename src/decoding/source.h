// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "models/marian.h"

namespace regard::decoding {

/// A source text as a model can take it.
struct Source {
  text::Sentence sentence;  ///< the whole text, and those of its pieces that fit, `</s>` last
  Index dropped = 0;        ///< how many pieces did not fit

  /// Whether there is nothing but `</s>`.
  bool empty() const noexcept { return sentence.pieces.size() <= 1; }
  Index size() const noexcept { return static_cast<Index>(sentence.pieces.size()); }
  Ids ids() const;
};

/// Cuts a text into pieces, as many as the model has positions for.
Source read_source(const models::MarianModel& model, const std::string& text);

/// One sentence's attention without the padding of its batch.
///
/// layers   (B, H, R, C) each
/// returns  (layers, H, rows, columns), the first of R and C
Tensor unpadded(const std::vector<Tensor>& layers, Index sentence, Index rows, Index columns);

/// The first `columns` keys of attention (layers, H, T, S): (layers, H, T, columns).
Tensor unpadded(const Tensor& attention, Index columns);

}  // namespace regard::decoding
