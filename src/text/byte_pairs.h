// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

#include "text/lexicon.h"
#include "text/segment.h"

namespace regard::text {

/// Cuts a normalized text by byte-pair encoding (Sennrich et al. 2016): from single characters, the
/// two neighbours that together make the piece of the highest score are joined, the leftmost first
/// among equals, until no two make a piece.
///
/// User-defined pieces are kept whole and joined with nothing. A piece marked as unused helps in
/// joining, and is taken apart again at the end.
///
/// returns  segments without a gap; none if the text is empty
/// cost     O(n log n) time, O(n) memory for n bytes
Segments cut_byte_pairs(const Lexicon& lexicon, std::string_view text);

}  // namespace regard::text
