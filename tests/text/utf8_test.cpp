// SPDX-License-Identifier: MIT
#include "text/utf8.h"

#include <gtest/gtest.h>

#include <string>

namespace regard::text {
namespace {

TEST(Utf8Test, DecodesEveryCharacterAndNothingElse) {
  // every code point, written by hand: surrogates are none
  for (char32_t code = 0; code <= 0x110000; ++code) {
    std::string bytes;
    const auto tail = [&](int shift) { bytes += static_cast<char>(0x80 | (code >> shift & 0x3F)); };
    if (code < 0x80) {
      bytes = {static_cast<char>(code)};
    } else if (code < 0x800) {
      bytes += static_cast<char>(0xC0 | code >> 6), tail(0);
    } else if (code < 0x10000) {
      bytes += static_cast<char>(0xE0 | code >> 12), tail(6), tail(0);
    } else {
      bytes += static_cast<char>(0xF0 | code >> 18), tail(12), tail(6), tail(0);
    }
    const Character character = first_character(bytes + "x");
    const bool valid = (code < 0xD800 || code >= 0xE000) && code < 0x110000;
    ASSERT_EQ(character.valid, valid) << static_cast<uint32_t>(code);
    ASSERT_EQ(character.code, valid ? code : 0xFFFD);
    ASSERT_EQ(character.length, valid ? static_cast<Index>(bytes.size()) : 1);
    ASSERT_EQ(announced_length(bytes + "x"), static_cast<Index>(bytes.size()));
  }
}

TEST(Utf8Test, TakesBrokenBytesOneByOne) {
  for (const char* bytes :
       {"\x80", "\xBF", "\xC0\x80", "\xC1\xBF", "\xC3", "\xC3(", "\xE0\x9F\xBF", "\xE4\xBD",
        "\xE4\xBDx", "\xF0\x8F\xBF\xBF", "\xF0\x9F\x91", "\xF8", "\xFF"}) {
    const Character character = first_character(bytes);
    EXPECT_FALSE(character.valid) << bytes;
    EXPECT_EQ(character.length, 1);
  }
}

TEST(Utf8Test, CutsAnnouncedLengthsToTheText) {
  EXPECT_EQ(announced_length("\xF0\x9F"), 2);
  EXPECT_EQ(announced_length("\x80\x80"), 1);
}

TEST(Utf8Test, CountsUtf16Units) {
  const std::vector<Index> expected{0, 1, 1, 1, 2, 2, 2, 2, 4, 5};
  EXPECT_EQ(utf16_positions("a你👍\xFF"), expected);
  EXPECT_EQ(utf16_positions(""), std::vector<Index>{0});
}

TEST(Utf8Test, KnowsSpaces) {
  Index spaces = 0;
  for (char32_t code = 0; code < 0x110000; ++code) spaces += is_space(code);
  EXPECT_EQ(spaces, 29);  // as many as Python's str.isspace finds
  for (const char32_t code : {0x20, 0x09, 0x85, 0xA0, 0x2028, 0x3000}) EXPECT_TRUE(is_space(code));
  for (const char32_t code : {0x00, 0x08, 0x200B, 0xFEFF, 0x2581}) EXPECT_FALSE(is_space(code));
}

}  // namespace
}  // namespace regard::text
