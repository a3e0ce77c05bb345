// SPDX-License-Identifier: MIT
#include "text/normalizer.h"

#include <algorithm>

#include "text/utf8.h"

namespace regard::text {

// What the text begins with and what becomes of it: never fewer than one byte.
CharacterMap::Match Normalizer::next(std::string_view text,
                                     const PieceTrie& verbatim) const noexcept {
  if (const Index length = verbatim.longest_prefix(text); length > 0) {
    return {length, text.substr(0, static_cast<size_t>(length))};
  }
  if (const CharacterMap::Match match = map_.longest_match(text); match.length > 0) return match;

  const Character character = first_character(text);
  if (!character.valid) return {1, replacement_character};
  return {character.length, text.substr(0, static_cast<size_t>(character.length))};
}

NormalizedText Normalizer::normalize(std::string_view text, const PieceTrie& verbatim) const {
  NormalizedText result;
  const std::string_view space = options_.escape_whitespaces ? space_mark : " ";
  size_t at = 0;
  const auto append = [&](std::string_view bytes) {
    result.text += bytes;
    result.origin.insert(result.origin.end(), bytes.size(), static_cast<Index>(at));
  };

  // spaces at the beginning
  if (options_.remove_extra_whitespaces) {
    while (at < text.size()) {
      const auto [length, replacement] = next(text.substr(at), verbatim);
      if (replacement != " ") break;
      at += static_cast<size_t>(length);
    }
  }
  if (at == text.size()) return result;
  result.text.reserve(text.size() + text.size() / 2);
  result.origin.reserve(text.size() + text.size() / 2);

  if (options_.add_dummy_prefix && !options_.space_last) append(space);

  bool after_space = options_.remove_extra_whitespaces;
  while (at < text.size()) {
    auto [length, replacement] = next(text.substr(at), verbatim);
    if (after_space) {
      replacement.remove_prefix(std::min(replacement.find_first_not_of(' '), replacement.size()));
    }
    for (const char& byte : replacement) append(byte == ' ' ? space : std::string_view(&byte, 1));
    if (!replacement.empty()) {
      after_space = options_.remove_extra_whitespaces && replacement.ends_with(' ');
    }
    at += static_cast<size_t>(length);
  }

  // spaces at the end
  if (options_.remove_extra_whitespaces) {
    while (result.text.ends_with(space)) {
      const size_t kept = result.text.size() - space.size();
      at = static_cast<size_t>(result.origin[kept]);
      result.text.resize(kept);
      result.origin.resize(kept);
    }
  }

  if (options_.add_dummy_prefix && options_.space_last) append(space);
  result.origin.push_back(static_cast<Index>(at));
  return result;
}

}  // namespace regard::text
