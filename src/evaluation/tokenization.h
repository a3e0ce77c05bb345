// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace regard::evaluation {

/// How a text is cut into the words that BLEU counts: rules that scores are compared under, with
/// sacreBLEU's names [Post 2018, "A Call for Clarity in Reporting BLEU Scores"].
enum class Tokenization {
  none,       ///< `none`: at white space
  character,  ///< `char`: every character is a word
  v13a,       ///< `13a`: punctuation and signs of ASCII apart, but not those within numbers
  zh,         ///< `zh`: the same, and every Chinese character and wide sign apart
};

/// What scores in a language are reported with: zh for `zh`, 13a for every other one.
Tokenization usual_tokenization(std::string_view language) noexcept;

/// The name by which sacreBLEU knows it.
const char* name(Tokenization tokenization) noexcept;

/// The words of a text. Where sacreBLEU's rules surprise they are kept, for scores to be equal:
/// `zh` takes all of U+2001 to U+2A6D for Chinese, dashes and arrows among it, and nothing past
/// U+FFFF; `13a` reads `&quot;`, `&amp;`, `&lt;` and `&gt;` as what they stand for, `zh` does not.
///
/// text     UTF-8; a byte of no character counts as one
/// cost     O(bytes)
std::vector<std::string> tokenize(std::string_view text, Tokenization tokenization);

/// A text at its white space; what is between any two is a word.
std::vector<std::string> split(std::string_view text);

/// The codes of a text's characters, white space left out.
std::u32string characters(std::string_view text);

}  // namespace regard::evaluation
