// SPDX-License-Identifier: MIT
// Characters of UTF-8 text that may hold anything: lone bytes, cut sequences, NUL.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "tensor/shape.h"

namespace regard::text {

/// What stands for a byte that belongs to no character.
inline constexpr std::string_view replacement_character = "\xEF\xBF\xBD";

/// U+2581, which pieces have in the place of a space.
inline constexpr std::string_view space_mark = "\xE2\x96\x81";

/// One decoded character.
struct Character {
  char32_t code = 0;
  Index length = 1;   ///< in bytes; 1 where the text is broken
  bool valid = true;  ///< false: the byte begins no character, and `code` is U+FFFD
};

/// The character that `text` begins with; `text` is not empty. Overlong forms, surrogates and
/// codes past U+10FFFF are no characters.
Character first_character(std::string_view text) noexcept;

/// How many bytes the character at the beginning of `text` announces by its first byte, cut to
/// what is there; `text` is not empty.
Index announced_length(std::string_view text) noexcept;

/// For each byte of `text`, and for its end, the UTF-16 units before the character it belongs to:
/// text.size() + 1 numbers. A broken byte counts as one unit.
std::vector<Index> utf16_positions(std::string_view text);

/// Whether a character separates words: white space of Unicode, U+FEFF not among it.
bool is_space(char32_t code) noexcept;

}  // namespace regard::text
