// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "io/bytes.h"
#include "tensor/shape.h"

namespace regard::evaluation {

/// A line of a text file, cut at its tabs.
struct Row {
  Index line;  ///< from 1
  std::vector<std::string> cells;
};

/// The lines of a text file in UTF-8. A byte order mark and carriage returns before line ends are
/// passed over; an empty line is a row of one empty cell.
///
/// name     of the file, for errors
/// throws   FormatError `pairs.tsv:3: is no UTF-8`, or if it holds NUL or begins as UTF-16 does
std::vector<Row> read_table(io::ByteSpan file, const std::string& name);

}  // namespace regard::evaluation
