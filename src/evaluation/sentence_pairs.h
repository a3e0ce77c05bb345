// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "evaluation/table.h"

namespace regard::evaluation {

/// The two languages of a model, by their codes: `en`, `zh`.
struct Languages {
  std::string source, target;
};

/// What is to be translated, and what a person made of it, place by place.
struct SentencePairs {
  std::vector<std::string> sources, references;
  std::vector<std::string> places{};  ///< of the references, for errors: `dev.tsv:12`

  size_t size() const noexcept { return sources.size(); }
};

/// Reads a table of sentences, a pair a line.
///
/// Where the first line names languages, the columns are found by that, in either order and among
/// others; else the first column is the source and the second the reference.
///
/// throws   FormatError `dev.tsv:12: the reference is empty` and the like, where a line has no two
///          columns, a side is empty, or the header names other languages; as read_table(); or if
///          there is no pair
SentencePairs read_pairs(io::ByteSpan table, const std::string& name, const Languages& languages);

/// The same of two files with a sentence a line.
/// throws FormatError `dev.en has 1000 lines, dev.zh 999` as well
SentencePairs read_pairs(io::ByteSpan sources, const std::string& source_name,
                         io::ByteSpan references, const std::string& reference_name);

}  // namespace regard::evaluation
