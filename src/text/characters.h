// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

#include "text/lexicon.h"
#include "text/segment.h"

namespace regard::text {

/// Cuts a normalized text into single characters and user-defined pieces, whole.
///
/// returns  segments without a gap; none if the text is empty
/// cost     O(n · longest user-defined piece) time, O(n) memory for n bytes
Segments cut_characters(const Lexicon& lexicon, std::string_view text);

}  // namespace regard::text
