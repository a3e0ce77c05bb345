// SPDX-License-Identifier: MIT
// Whether a name is tied to itself: of all words those whose partner is known without asking.
#pragma once

#include <string>
#include <vector>

#include "evaluation/word_alignment.h"

namespace regard::evaluation {

/// The words of a text that has a name in it: the name wherever it stands as a word, runs of Latin
/// letters and digits, and every other character by itself.
struct NamedText {
  std::vector<text::TextSpan> words;
  std::vector<bool> named;  ///< of each word, whether it is the name

  bool has_name() const;
};
NamedText find_name(const std::string& text, const std::string& name);

/// Whether each word of the target that is the name is tied to one of the source that is it.
bool name_is_tied(const Links& links, const NamedText& source, const NamedText& target);

}  // namespace regard::evaluation
