// SPDX-License-Identifier: MIT
#include "evaluation/sentence_pairs.h"

#include <algorithm>

#include "evaluation/tokenization.h"

namespace regard::evaluation {

namespace {

using Cells = std::vector<std::string>;

bool is_code(const std::string& cell) {
  const auto small = [](char c) { return c >= 'a' && c <= 'z'; };
  return (cell.size() == 2 || cell.size() == 3) && std::all_of(cell.begin(), cell.end(), small);
}

// Where a language's column is by the header.
size_t column_of(const std::string& language, const Row& header, const std::string& name) {
  const Cells& cells = header.cells;
  const auto found = std::find(cells.begin(), cells.end(), language);
  if (found != cells.end()) return static_cast<size_t>(found - cells.begin());
  throw FormatError(name, ":", header.line, ": the header names ", cells[0], " and ", cells[1],
                    ", expected a column ", language);
}

// A line of a file; it is not empty.
struct Side {
  const std::string& text;
  const std::string place;

  const std::string& checked(const char* what) const {
    if (split(text).empty()) throw FormatError(place, ": the ", what, " is empty");
    return text;
  }
};

std::string place_of(const std::string& name, Index line) { return message({name, ":", line}); }

void add(SentencePairs& pairs, const Side& source, const Side& reference) {
  pairs.sources.push_back(source.checked("source"));
  pairs.references.push_back(reference.checked("reference"));
  pairs.places.push_back(reference.place);
}

}  // namespace

SentencePairs read_pairs(io::ByteSpan table, const std::string& name, const Languages& languages) {
  const std::vector<Row> rows = read_table(table, name);
  size_t source = 0, reference = 1, first = 0;
  if (!rows.empty() && rows[0].cells.size() > 1 && is_code(rows[0].cells[0]) &&
      is_code(rows[0].cells[1])) {
    source = column_of(languages.source, rows[0], name);
    reference = column_of(languages.target, rows[0], name);
    first = 1;
  }

  SentencePairs pairs;
  for (size_t i = first; i < rows.size(); ++i) {
    const auto& [line, cells] = rows[i];
    if (cells.size() <= std::max(source, reference)) {
      throw FormatError(name, ":", line, ": ", cells.size(), " columns, expected at least ",
                        std::max(source, reference) + 1, ", with tabs between");
    }
    const std::string place = place_of(name, line);
    add(pairs, {cells[source], place}, {cells[reference], place});
  }
  if (pairs.sources.empty()) throw FormatError(name, ": there is no pair of sentences");
  return pairs;
}

SentencePairs read_pairs(io::ByteSpan sources, const std::string& source_name,
                         io::ByteSpan references, const std::string& reference_name) {
  const auto from = read_table(sources, source_name), to = read_table(references, reference_name);
  if (from.size() != to.size()) {
    throw FormatError(source_name, " has ", from.size(), " lines, ", reference_name, " ",
                      to.size());
  }
  SentencePairs pairs;
  for (size_t i = 0; i < from.size(); ++i) {
    add(pairs, {from[i].cells[0], place_of(source_name, from[i].line)},
        {to[i].cells[0], place_of(reference_name, to[i].line)});
  }
  if (pairs.sources.empty()) throw FormatError(source_name, ": there is no sentence");
  return pairs;
}

}  // namespace regard::evaluation
