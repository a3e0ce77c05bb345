// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "models/marian.h"
#include "training/batches.h"

namespace regard::cli {

/// The named files of a folder on disk. throws ValueError if one cannot be read.
models::Folder read_folder(const std::string& path, const std::vector<std::string>& names);

/// The pairs of two files of as many lines, as ids with their end token.
/// throws ValueError if a file cannot be read or the numbers of lines differ
std::vector<training::Pair> read_pairs(const text::MarianTokenizer& tokenizer,
                                       const std::string& source, const std::string& target);

}  // namespace regard::cli
