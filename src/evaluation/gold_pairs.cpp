// SPDX-License-Identifier: MIT
#include "evaluation/gold_pairs.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "evaluation/table.h"
#include "evaluation/tokenization.h"

namespace regard::evaluation {

namespace {

using Cells = std::vector<std::string>;

// Where the columns of the model's languages are: 0 or 1.
struct Columns {
  size_t source, target;
};

Columns find_columns(const Row& header, const std::string& name, const std::string& source,
                     const std::string& target) {
  const Cells& cells = header.cells;
  const auto fits = [&](const std::string& first, const std::string& second) {
    return cells == Cells{first, second, first + " words", second + " words", "links"};
  };
  if (fits(source, target)) return {0, 1};
  if (fits(target, source)) return {1, 0};
  throw FormatError(name, ":", header.line, ": expected a header of five columns, ", source, ", ",
                    target, ", ", source + " words, ", target, " words, links");
}

// `3?1`: the places, and whether it is sure.
struct Marked {
  Link link;
  bool sure;
};

Marked read_link(const std::string& text, const std::string& where) {
  Marked marked{};
  const char* const end = text.data() + text.size();
  const auto first = std::from_chars(text.data(), end, marked.link.source);
  if (first.ec == std::errc() && first.ptr != end && (*first.ptr == '-' || *first.ptr == '?')) {
    marked.sure = *first.ptr == '-';
    const auto second = std::from_chars(first.ptr + 1, end, marked.link.target);
    const bool whole = second.ec == std::errc() && second.ptr == end;
    if (whole && marked.link.source >= 0 && marked.link.target >= 0) return marked;
  }
  throw FormatError(where, "the link ", text, ", expected one like 0-2 or 3?1");
}

WordedText read_worded(const Cells& cells, size_t column, const std::string& where) {
  WordedText text{cells[column], split(cells[column + 2]), {}};
  text.spans = place_words(text.text, text.words, where);
  return text;
}

GoldPair read_pair(const Cells& cells, const Columns& columns, const std::string& where) {
  if (cells.size() != 5) throw FormatError(where, cells.size(), " columns, expected 5");
  GoldPair pair{
      read_worded(cells, columns.source, where), read_worded(cells, columns.target, where), {}};
  Links seen;
  for (const std::string& text : split(cells[4])) {
    auto [link, sure] = read_link(text, where);
    if (columns.source == 1) std::swap(link.source, link.target);
    if (link.source >= static_cast<Index>(pair.source.words.size()) ||
        link.target >= static_cast<Index>(pair.target.words.size())) {
      throw FormatError(where, "the link ", text, " leads out of the sentence");
    }
    if (std::find(seen.begin(), seen.end(), link) != seen.end()) {
      throw FormatError(where, "the link ", text, " stands twice");
    }
    seen.push_back(link);
    (sure ? pair.links.sure : pair.links.possible).push_back(link);
  }
  return pair;
}

}  // namespace

std::vector<GoldPair> read_gold_pairs(io::ByteSpan file, const std::string& name,
                                      const std::string& source, const std::string& target) {
  std::vector<Row> rows = read_table(file, name);
  std::erase_if(rows, [](const Row& row) { return row.cells[0].starts_with('#'); });
  if (rows.empty()) throw FormatError(name, ": there is no header");

  const Columns columns = find_columns(rows[0], name, source, target);
  std::vector<GoldPair> pairs;
  for (size_t i = 1; i < rows.size(); ++i) {
    pairs.push_back(read_pair(rows[i].cells, columns, message({name, ":", rows[i].line, ": "})));
  }
  if (pairs.empty()) throw FormatError(name, ": there is no pair");
  return pairs;
}

}  // namespace regard::evaluation
