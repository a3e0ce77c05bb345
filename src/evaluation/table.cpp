// SPDX-License-Identifier: MIT
#include "evaluation/table.h"

#include <algorithm>

#include "tensor/error.h"
#include "text/utf8.h"

namespace regard::evaluation {

namespace {

void expect_text(std::string_view line, Index number, const std::string& name) {
  while (!line.empty()) {
    const text::Character character = text::first_character(line);
    if (!character.valid) throw FormatError(name, ":", number, ": is no UTF-8");
    if (character.code == 0) throw FormatError(name, ":", number, ": holds NUL, as UTF-16 does");
    line.remove_prefix(static_cast<size_t>(character.length));
  }
}

}  // namespace

std::vector<Row> read_table(io::ByteSpan file, const std::string& name) {
  std::string_view rest(reinterpret_cast<const char*>(file.data()), file.size());
  if (rest.starts_with("\xFF\xFE") || rest.starts_with("\xFE\xFF")) {
    throw FormatError(name, ":1: is UTF-16, expected UTF-8");
  }
  if (rest.starts_with("\xEF\xBB\xBF")) rest.remove_prefix(3);

  std::vector<Row> rows;
  while (!rest.empty()) {
    const size_t end = std::min(rest.find('\n'), rest.size());
    std::string_view line = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);

    Row row{static_cast<Index>(rows.size()) + 1, {}};
    expect_text(line, row.line, name);
    for (size_t tab = line.find('\t'); tab != line.npos; tab = line.find('\t')) {
      row.cells.emplace_back(line.substr(0, tab));
      line.remove_prefix(tab + 1);
    }
    row.cells.emplace_back(line);
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace regard::evaluation
