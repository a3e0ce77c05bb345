// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "models/marian.h"
#include "training/batches.h"

namespace regard::cli {

/// The named files of a folder on disk. throws ValueError if one cannot be read.
models::Folder read_folder(const std::string& path, const std::vector<std::string>& names);

/// The files of a Marian folder but its weights; target_vocab.json is one of them if it is there.
/// throws ValueError if one cannot be read
models::Folder read_model_files(const std::string& path);

/// Which lines a corpus may have.
struct CorpusOptions {
  Index max_characters = 10000;  ///< of a line
  Index max_pieces = 512;        ///< of a side, `</s>` among them
  double skip_share = 0;  ///< how many of the lines may be left out, 0 to 1, before all are refused
};

/// The pairs of two files, as text and as ids with their end token.
struct Corpus {
  std::vector<std::string> sources, targets;
  std::vector<training::Pair> pairs;
  std::string remarks;  ///< what was left out and what the vocabulary lacks, in lines; may be empty
};

/// Reads two files in UTF-8, line by line a sentence and its translation. A byte order mark and
/// carriage returns before line ends are passed over.
///
/// A pair is left out if a side is empty, is no UTF-8, holds a tab or a NUL, is longer than allowed
/// or has only pieces that the vocabulary lacks; the remarks say how many and where.
///
/// throws   ValueError if a file cannot be read, is UTF-16, or has another number of lines than the
///          other; if more lines are unusable than `skip_share` allows; if no pair is left; if a
///          fifth of a side's pieces are unknown, as they are where the languages are exchanged
Corpus read_corpus(const text::MarianTokenizer& tokenizer, const std::string& source,
                   const std::string& target, const CorpusOptions& options);

}  // namespace regard::cli
