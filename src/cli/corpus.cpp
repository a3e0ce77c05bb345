// SPDX-License-Identifier: MIT
#include "cli/corpus.h"

#include <string_view>

#include "io/file.h"

namespace regard::cli {

namespace {

std::vector<std::string> read_lines(const std::string& path) {
  const io::Bytes bytes = io::read_file(path);
  std::vector<std::string> lines;
  std::string line;
  for (const uint8_t byte : bytes) {
    if (byte != '\n') {
      line.push_back(static_cast<char>(byte));
    } else {
      lines.push_back(std::move(line));
      line.clear();
    }
  }
  if (!line.empty()) lines.push_back(std::move(line));
  return lines;
}

Ids ids_of(const text::Sentence& sentence) {
  Ids ids;
  for (const auto& piece : sentence.pieces) ids.push_back(piece.id);
  return ids;
}

}  // namespace

models::Folder read_folder(const std::string& path, const std::vector<std::string>& names) {
  models::Folder folder;
  for (const std::string& name : names) folder[name] = io::read_file(path + "/" + name);
  return folder;
}

std::vector<training::Pair> read_pairs(const text::MarianTokenizer& tokenizer,
                                       const std::string& source, const std::string& target) {
  const auto sources = read_lines(source), targets = read_lines(target);
  if (sources.size() != targets.size()) {
    throw ValueError(source + ": " + std::to_string(sources.size()) + " lines, " + target +
                     " has " + std::to_string(targets.size()));
  }
  std::vector<training::Pair> pairs;
  for (size_t i = 0; i < sources.size(); ++i) {
    pairs.push_back(
        {ids_of(tokenizer.encode_source(sources[i])), ids_of(tokenizer.encode_target(targets[i]))});
  }
  return pairs;
}

}  // namespace regard::cli
