// SPDX-License-Identifier: MIT
#include "evaluation/name_ties.h"

#include <algorithm>

#include "text/utf8.h"

namespace regard::evaluation {

namespace {

bool latin(char c) noexcept {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

// How long the word is that a text begins with, white space being none.
size_t word_length(std::string_view text, const std::string& name) {
  const bool cut_short =
      text.size() > name.size() && latin(name.back()) && latin(text[name.size()]);
  if (text.starts_with(name) && !cut_short) return name.size();
  const auto end = std::find_if_not(text.begin(), text.end(), latin);
  if (end != text.begin()) return static_cast<size_t>(end - text.begin());
  return static_cast<size_t>(text::first_character(text).length);
}

}  // namespace

bool NamedText::has_name() const {
  return std::find(named.begin(), named.end(), true) != named.end();
}

NamedText find_name(const std::string& text, const std::string& name) {
  NamedText found;
  for (size_t at = 0; at < text.size();) {
    const std::string_view rest = std::string_view(text).substr(at);
    const size_t length = word_length(rest, name);
    if (!text::is_space(text::first_character(rest).code)) {
      found.words.push_back({static_cast<Index>(at), static_cast<Index>(at + length)});
      found.named.push_back(rest.substr(0, length) == name);
    }
    at += length;
  }
  return found;
}

bool name_is_tied(const Links& links, const NamedText& source, const NamedText& target) {
  for (size_t t = 0; t < target.words.size(); ++t) {
    if (!target.named[t]) continue;
    const auto tied = [&](const Link& link) {
      return link.target == static_cast<Index>(t) && source.named[static_cast<size_t>(link.source)];
    };
    if (std::none_of(links.begin(), links.end(), tied)) return false;
  }
  return true;
}

}  // namespace regard::evaluation
