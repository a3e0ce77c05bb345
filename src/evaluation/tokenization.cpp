// SPDX-License-Identifier: MIT
#include "evaluation/tokenization.h"

#include <algorithm>

#include "text/utf8.h"

namespace regard::evaluation {

namespace {

// Calls visit(character, its bytes) for each character of a text.
template <typename Visit>
void each_character(std::string_view text, Visit visit) {
  while (!text.empty()) {
    const text::Character character = text::first_character(text);
    visit(character.code, text.substr(0, static_cast<size_t>(character.length)));
    text.remove_prefix(static_cast<size_t>(character.length));
  }
}

// What `zh` puts spaces around, in the order of the codes.
bool stands_alone(char32_t code) noexcept {
  struct Range {
    char32_t first, last;
  };
  static constexpr Range ranges[] = {
      {0x2001, 0x2A6D},  // meant as U+20000 to U+2A6D6; so it is read there, and so it counts
      {0x2E80, 0x2FDF},  // radicals
      {0x2FF0, 0x303F},  // how characters are built; punctuation
      {0x3100, 0x312F},  // phonetic signs
      {0x31A0, 0x31BF}, {0x31C0, 0x31EF},  // more of them; strokes
      {0x3200, 0x33FF},                    // enclosed characters, units
      {0x3400, 0x4DB5}, {0x4E00, 0x9FBB},  // ideographs
      {0xF900, 0xFA2D}, {0xFA30, 0xFA6A}, {0xFA70, 0xFAD9},
      {0xFE10, 0xFE1F}, {0xFE30, 0xFE4F},  // punctuation of vertical text
      {0xFF00, 0xFFEF},                    // forms of another width
  };
  return std::any_of(std::begin(ranges), std::end(ranges),
                     [&](Range range) { return code >= range.first && code <= range.last; });
}

std::string with_chinese_apart(std::string_view text) {
  std::string apart;
  each_character(text, [&](char32_t code, std::string_view bytes) {
    const char* space = stands_alone(code) ? " " : "";
    apart.append(space).append(bytes).append(space);
  });
  return apart;
}

std::string replaced(std::string text, std::string_view what, std::string_view with) {
  for (size_t at = text.find(what); at != text.npos; at = text.find(what, at + with.size())) {
    text.replace(at, what.size(), with);
  }
  return text;
}

std::string_view trimmed(std::string_view text) {
  size_t begin = text.size(), end = 0, at = 0;
  each_character(text, [&](char32_t code, std::string_view bytes) {
    if (!text::is_space(code)) begin = std::min(begin, at), end = at + bytes.size();
    at += bytes.size();
  });
  return begin < end ? text.substr(begin, end - begin) : std::string_view();
}

bool digit(char c) noexcept { return c >= '0' && c <= '9'; }
bool stop(char c) noexcept { return c == '.' || c == ','; }

// Signs of ASCII that are words wherever they stand; apostrophe, comma, hyphen and stop are not.
bool sign(char c) noexcept {
  return c >= ' ' && c <= '~' && !digit(c) && !(c >= 'A' && c <= 'Z') && !(c >= 'a' && c <= 'z') &&
         c != '\'' && c != ',' && c != '-' && c != '.';
}

// Parts two neighbours that are as told, and puts `before` and `after` around them; goes on after
// both, so that the second of one pair is not the first of the next.
template <typename First, typename Second>
std::string spaced(std::string_view text, First first, Second second, const char* before,
                   const char* after) {
  std::string result;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool pair = i + 1 < text.size() && first(text[i]) && second(text[i + 1]);
    if (!pair) {
      result += text[i];
      continue;
    }
    result.append(before).append(1, text[i]).append(" ").append(1, text[++i]).append(after);
  }
  return result;
}

// The part that both tokenizations share: what mteval-v13a does to Western text.
std::vector<std::string> western(std::string_view text) {
  std::string apart;
  for (const char c : text) {
    const char* space = sign(c) ? " " : "";
    apart.append(space).append(1, c).append(space);
  }
  const auto no_digit = [](char c) { return !digit(c); };
  apart = spaced(apart, no_digit, stop, "", " ");
  apart = spaced(apart, stop, no_digit, " ", "");
  apart = spaced(apart, digit, [](char c) { return c == '-'; }, "", " ");
  return split(apart);
}

}  // namespace

Tokenization usual_tokenization(std::string_view language) noexcept {
  return language == "zh" ? Tokenization::zh : Tokenization::v13a;
}

const char* name(Tokenization tokenization) noexcept {
  switch (tokenization) {
    case Tokenization::none:
      return "none";
    case Tokenization::character:
      return "char";
    case Tokenization::v13a:
      return "13a";
    case Tokenization::zh:
      return "zh";
  }
  return "";
}

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> words;
  bool within = false;
  each_character(text, [&](char32_t code, std::string_view bytes) {
    const bool space = text::is_space(code);
    if (!space && !within) words.emplace_back();
    if (!space) words.back() += bytes;
    within = !space;
  });
  return words;
}

std::u32string characters(std::string_view text) {
  std::u32string codes;
  each_character(text, [&](char32_t code, std::string_view) {
    if (!text::is_space(code)) codes += code;
  });
  return codes;
}

std::vector<std::string> tokenize(std::string_view text, Tokenization tokenization) {
  text = trimmed(text);
  switch (tokenization) {
    case Tokenization::none:
      return split(text);
    case Tokenization::character: {
      std::vector<std::string> words;
      each_character(text, [&](char32_t code, std::string_view bytes) {
        if (!text::is_space(code)) words.emplace_back(bytes);
      });
      return words;
    }
    case Tokenization::zh:
      return western(with_chinese_apart(text));
    case Tokenization::v13a:
      break;
  }
  std::string line(text);
  static constexpr const char* readings[][2] = {{"<skipped>", ""}, {"-\n", ""},    {"\n", " "},
                                                {"&quot;", "\""},  {"&amp;", "&"}, {"&lt;", "<"},
                                                {"&gt;", ">"}};
  for (const auto& [what, with] : readings) line = replaced(std::move(line), what, with);
  return western(" " + line + " ");
}

}  // namespace regard::evaluation
