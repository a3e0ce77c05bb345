// SPDX-License-Identifier: MIT
#include "text/character_map.h"

#include <algorithm>

#include "tensor/error.h"

namespace regard::text {

namespace {

// The longest replacement of Unicode's own tables has 33 bytes; a broken file must not be able to
// make gigabytes of a short text.
constexpr size_t max_replacement = 1000;

uint32_t little_endian(std::string_view bytes) noexcept {
  uint32_t value = 0;
  for (size_t i = 4; i-- > 0;) value = value << 8 | static_cast<uint8_t>(bytes[i]);
  return value;
}

// A unit of the array: bits 0-7 label, 8 a string ends here, 9 the offset is in steps of 256,
// 10-30 the offset; bit 31 marks a value, which no label equals.
uint32_t label(uint32_t unit) noexcept { return unit & 0x800000FF; }
bool ends_string(uint32_t unit) noexcept { return unit >> 8 & 1; }
uint32_t offset(uint32_t unit) noexcept { return unit >> 10 << (unit >> 9 & 1) * 8; }
uint32_t value(uint32_t unit) noexcept { return unit & 0x7FFFFFFF; }

}  // namespace

CharacterMap::CharacterMap(std::string_view compiled, std::string_view name) {
  if (compiled.empty()) return;
  const auto fail = [&](std::initializer_list<Phrase> complaint) {
    throw FormatError(name, ": the normalization table ", message(complaint));
  };

  if (compiled.size() <= 4) fail({"has only ", compiled.size(), " bytes"});
  const size_t size = little_endian(compiled);
  compiled.remove_prefix(4);
  if (size >= compiled.size()) {
    fail({"announces ", size, " bytes of ", compiled.size()});
  }
  // arrays are made in blocks of 256 units
  if (size == 0 || size % 1024 != 0) fail({"has a size of ", size});
  if (compiled.back() != '\0') fail({"does not end with a NUL"});

  units_.resize(size / 4);
  for (size_t i = 0; i < units_.size(); ++i) units_[i] = little_endian(compiled.substr(4 * i, 4));

  replacements_ = compiled.substr(size);
  for (size_t begin = 0; begin < replacements_.size();) {
    const size_t end = replacements_.find('\0', begin);
    if (end - begin > max_replacement) {
      fail({"replaces a text by ", end - begin, " bytes, at most 1000 are allowed"});
    }
    begin = end + 1;
  }
}

CharacterMap::Match CharacterMap::longest_match(std::string_view text) const noexcept {
  Match match;
  if (units_.empty()) return match;

  // offsets come from the file: every step is checked
  uint32_t at = offset(units_[0]);
  for (size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<uint8_t>(text[i]);
    at ^= byte;
    if (at >= units_.size() || label(units_[at]) != byte) break;
    const uint32_t unit = units_[at];
    at ^= offset(unit);
    if (!ends_string(unit)) continue;

    if (at >= units_.size()) break;
    const uint32_t begin = value(units_[at]);
    if (begin >= replacements_.size()) continue;
    match = {static_cast<Index>(i + 1), std::string_view(replacements_.data() + begin)};
  }
  return match;
}

}  // namespace regard::text
