// SPDX-License-Identifier: MIT
#include "text/lexicon.h"

#include <algorithm>

#include "tensor/error.h"

namespace regard::text {

namespace {

PieceTrie unique_trie(StringIds strings, std::string_view name) {
  sort_strings(strings);
  const auto same = [](const auto& a, const auto& b) { return a.first == b.first; };
  const auto twin = std::adjacent_find(strings.begin(), strings.end(), same);
  if (twin != strings.end()) {
    throw FormatError(name, ": pieces ", twin->second, " and ", (twin + 1)->second, " are both '",
                      twin->first, "'");
  }
  return PieceTrie(std::move(strings));
}

}  // namespace

Lexicon::Lexicon(std::vector<LexiconPiece> pieces, bool byte_fallback, std::string_view name)
    : pieces_(std::move(pieces)) {
  const auto fail = [&](std::initializer_list<Phrase> complaint) {
    throw FormatError(name, ": ", message(complaint));
  };
  bytes_.fill(-1);

  StringIds usable, reserved, user_defined;
  for (Id id = 0; id < size(); ++id) {
    const auto& [text, score, type] = (*this)[id];
    switch (type) {
      case Type::normal:
        lowest_score_ = std::min(lowest_score_, score);
        usable.emplace_back(text, id);
        break;
      case Type::user_defined:
        user_defined.emplace_back(text, id);
        usable.emplace_back(text, id);
        break;
      case Type::unused:
        usable.emplace_back(text, id);
        break;
      case Type::unknown:
        if (unknown_ >= 0) {
          fail({"pieces ", unknown_, " and ", id, " are both the unknown piece"});
        }
        unknown_ = id;
        reserved.emplace_back(text, id);
        break;
      case Type::control:
        reserved.emplace_back(text, id);
        break;
      case Type::byte: {
        const int byte = byte_of_piece(text);
        if (byte < 0) fail({"piece ", id, " is no byte piece: '", text, "'"});
        if (!byte_fallback) {
          fail({"piece ", id, " is a byte piece, but byte_fallback is off"});
        }
        bytes_[static_cast<size_t>(byte)] = id;
        reserved.emplace_back(text, id);
        break;
      }
    }
  }

  if (unknown_ < 0) fail({"there is no unknown piece"});
  if (byte_fallback && std::find(bytes_.begin(), bytes_.end(), -1) != bytes_.end()) {
    fail({"byte_fallback is on, but the 256 byte pieces are not all there"});
  }
  usable_ = unique_trie(std::move(usable), name);
  reserved_ = unique_trie(std::move(reserved), name);
  user_defined_ = PieceTrie(std::move(user_defined));
}

Id Lexicon::find(std::string_view text) const noexcept {
  Id id = reserved_.find(text);
  if (id < 0) id = usable_.find(text);
  return id < 0 ? unknown_ : id;
}

int byte_of_piece(std::string_view text) noexcept {
  const auto digit = [](char c) {
    return c >= '0' && c <= '9' ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
  };
  if (text.size() != 6 || !text.starts_with("<0x") || text[5] != '>') return -1;
  const int high = digit(text[3]), low = digit(text[4]);
  return high < 0 || low < 0 ? -1 : high * 16 + low;
}

}  // namespace regard::text
