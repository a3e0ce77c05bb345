// SPDX-License-Identifier: MIT
#include "text/utf8.h"

#include <algorithm>

namespace regard::text {

namespace {

bool continues(char byte) noexcept { return (static_cast<uint8_t>(byte) & 0xC0) == 0x80; }

char32_t low_bits(char byte, uint8_t mask) noexcept { return static_cast<uint8_t>(byte) & mask; }

}  // namespace

Character first_character(std::string_view text) noexcept {
  const auto lead = static_cast<uint8_t>(text[0]);
  if (lead < 0x80) return {lead, 1, true};

  // the smallest code that may be written with so many bytes, by the lead byte
  Index length = 0;
  char32_t code = 0, smallest = 0;
  if ((lead & 0xE0) == 0xC0) {
    length = 2, smallest = 0x80, code = low_bits(text[0], 0x1F);
  } else if ((lead & 0xF0) == 0xE0) {
    length = 3, smallest = 0x800, code = low_bits(text[0], 0x0F);
  } else if ((lead & 0xF8) == 0xF0) {
    length = 4, smallest = 0x10000, code = low_bits(text[0], 0x07);
  }

  const Character broken{0xFFFD, 1, false};
  if (length == 0 || static_cast<Index>(text.size()) < length) return broken;
  for (Index i = 1; i < length; ++i) {
    if (!continues(text[static_cast<size_t>(i)])) return broken;
    code = code << 6 | low_bits(text[static_cast<size_t>(i)], 0x3F);
  }
  const bool surrogate = code >= 0xD800 && code < 0xE000;
  if (code < smallest || code > 0x10FFFF || surrogate) return broken;
  return {code, length, true};
}

Index announced_length(std::string_view text) noexcept {
  const auto lead = static_cast<uint8_t>(text[0]);
  const Index length = lead < 0xC0 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  return std::min(length, static_cast<Index>(text.size()));
}

std::vector<Index> utf16_positions(std::string_view text) {
  std::vector<Index> positions(text.size() + 1);
  Index units = 0;
  for (size_t at = 0; at < text.size();) {
    const Character character = first_character(text.substr(at));
    const auto length = static_cast<size_t>(character.length);
    std::fill_n(positions.begin() + static_cast<Index>(at), length, units);
    units += character.code > 0xFFFF ? 2 : 1;
    at += length;
  }
  positions.back() = units;
  return positions;
}

bool is_space(char32_t code) noexcept {
  if (code <= 0x20) return code == 0x20 || (code >= 0x09 && code <= 0x0D) || code >= 0x1C;
  if (code < 0x1680) return code == 0x85 || code == 0xA0;
  return code == 0x1680 || (code >= 0x2000 && code <= 0x200A) || code == 0x2028 || code == 0x2029 ||
         code == 0x202F || code == 0x205F || code == 0x3000;
}

}  // namespace regard::text
