// SPDX-License-Identifier: MIT
#include "text/characters.h"

#include "text/utf8.h"

namespace regard::text {

Segments cut_characters(const Lexicon& lexicon, std::string_view text) {
  Segments segments;
  for (size_t begin = 0; begin < text.size();) {
    const std::string_view rest = text.substr(begin);
    const Index verbatim = lexicon.user_defined().longest_prefix(rest);
    const auto length = static_cast<size_t>(verbatim > 0 ? verbatim : announced_length(rest));
    const Id id = lexicon.pieces().find(rest.substr(0, length));
    const bool usable = id >= 0 && !lexicon.is(Lexicon::Type::unused, id);
    segments.push_back({static_cast<Index>(begin), static_cast<Index>(begin + length),
                        usable ? id : lexicon.unknown()});
    begin += length;
  }
  return segments;
}

}  // namespace regard::text
