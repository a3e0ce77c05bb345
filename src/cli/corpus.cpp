// SPDX-License-Identifier: MIT
#include "cli/corpus.h"

#include <algorithm>
#include <filesystem>
#include <string_view>

#include "cli/faults.h"
#include "io/file.h"
#include "text/utf8.h"

namespace regard::cli {

namespace {

// A share of unknown pieces that no text in the right language has.
constexpr double most_unknown = 0.2;

// One of the two files.
struct Side {
  std::string path;
  std::vector<std::string> lines;
  Index pieces = 0, unknown = 0;

  // `train.en:17`, for lists that stand beside the name of the folder.
  std::string place(size_t line) const {
    return path.substr(path.rfind('/') + 1) + ":" + std::to_string(line + 1);
  }
};

Side read_lines(const std::string& path) {
  const io::Bytes bytes = io::read_file(path);
  std::string_view rest(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (rest.starts_with("\xFF\xFE") || rest.starts_with("\xFE\xFF")) {
    throw ValueError(path, ":1: is UTF-16 by its byte order mark, expected UTF-8");
  }
  if (rest.starts_with("\xEF\xBB\xBF")) rest.remove_prefix(3);

  Side side{path, {}};
  while (!rest.empty()) {
    const size_t end = std::min(rest.find('\n'), rest.size());
    std::string_view line = rest.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    side.lines.emplace_back(line);
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return side;
}

// What is wrong with a line by itself, as the kind of fault; empty if nothing.
std::string fault_of(std::string_view line, Index max_characters) {
  Index characters = 0;
  bool blank = true;
  for (size_t at = 0; at < line.size();) {
    const text::Character character = text::first_character(line.substr(at));
    if (!character.valid) return "no UTF-8";
    if (character.code == 0) return "with a NUL, as UTF-16 has";
    if (character.code == '\t') return "with a tab, as columns have";
    blank = blank && text::is_space(character.code);
    at += static_cast<size_t>(character.length);
    ++characters;
  }
  if (blank) return "empty";
  if (characters > max_characters) return message({"longer than ", max_characters, " characters"});
  return "";
}

// The ids of a sentence, none if it has nothing that the vocabulary has; unknown pieces are
// counted, and said by their texts. The mark of a space alone says nothing of a language.
Ids encode(Side& side, size_t line, const text::Sentence& sentence, Id unknown, Faults& unknowns) {
  Ids ids;
  Index known = 0, lacking = 0;
  for (const auto& piece : sentence.pieces) {
    ids.push_back(piece.id);
    if (piece.id == unknown) {
      unknowns.add(piece.text, side.place(line));
      ++lacking;
    } else if (piece.text != text::space_mark) {
      ++known;
    }
  }
  --known;  // `</s>`
  side.pieces += known + lacking;
  side.unknown += lacking;
  if (known == 0) ids.clear();
  return ids;
}

void expect_known(const Side& side) {
  if (static_cast<double>(side.unknown) <= most_unknown * static_cast<double>(side.pieces)) return;
  throw ValueError(side.path, ": ", side.unknown, " of ", side.pieces,
                   " pieces are not in the vocabulary: is it of another language?");
}

}  // namespace

models::Folder read_folder(const std::string& path, const std::vector<std::string>& names) {
  models::Folder folder;
  for (const std::string& name : names) folder[name] = io::read_file(path + "/" + name);
  return folder;
}

models::Folder read_model_files(const std::string& path) {
  std::vector<std::string> names = {"config.json", "generation_config.json",
                                    "source.spm",  "target.spm",
                                    "vocab.json",  "tokenizer_config.json"};
  const std::string target_vocab = "target_vocab.json";
  if (std::filesystem::exists(path + "/" + target_vocab)) names.push_back(target_vocab);
  return read_folder(path, names);
}

Corpus read_corpus(const text::MarianTokenizer& tokenizer, const std::string& source,
                   const std::string& target, const CorpusOptions& options) {
  Side sources = read_lines(source), targets = read_lines(target);
  if (sources.lines.size() != targets.lines.size()) {
    throw ValueError(source, ": ", sources.lines.size(), " lines, ", target, " has ",
                     targets.lines.size());
  }
  Corpus corpus;
  Faults skipped, unknown;
  for (size_t i = 0; i < sources.lines.size(); ++i) {
    const auto skip = [&](const Side& side, const std::string& kind) {
      skipped.add(kind, side.place(i));
    };
    const std::string fault = fault_of(sources.lines[i], options.max_characters);
    const std::string other = fault_of(targets.lines[i], options.max_characters);
    if (!fault.empty() || !other.empty()) {
      skip(fault.empty() ? targets : sources, fault.empty() ? other : fault);
      continue;
    }
    training::Pair pair{encode(sources, i, tokenizer.encode_source(sources.lines[i]),
                               tokenizer.source_unknown(), unknown),
                        encode(targets, i, tokenizer.encode_target(targets.lines[i]),
                               tokenizer.unknown(), unknown)};
    const auto longest = static_cast<size_t>(options.max_pieces);
    if (pair.source.empty() || pair.target.empty()) {
      skip(pair.source.empty() ? sources : targets, "with nothing that the vocabulary has");
    } else if (pair.source.size() > longest || pair.target.size() > longest) {
      skip(pair.source.size() > longest ? sources : targets,
           message({"of more than ", options.max_pieces, " pieces"}));
    } else {
      corpus.pairs.push_back(std::move(pair));
      corpus.sources.push_back(std::move(sources.lines[i]));
      corpus.targets.push_back(std::move(targets.lines[i]));
    }
  }

  expect_known(sources);
  expect_known(targets);
  const auto lines = static_cast<double>(sources.lines.size());
  if (static_cast<double>(skipped.count()) > options.skip_share * lines) {
    throw ValueError(source, ", ", target, ": ", skipped.count(), " of ", sources.lines.size(),
                     " lines are unusable, expected at most ", 100 * options.skip_share,
                     " %:\n" + skipped.summary());
  }
  if (corpus.pairs.empty()) throw ValueError(source, ", ", target, ": there are no pairs");
  if (skipped.count() > 0) corpus.remarks = "left out\n" + skipped.summary();
  if (unknown.count() > 0) {
    if (!corpus.remarks.empty()) corpus.remarks += "\n";
    corpus.remarks += "not in the vocabulary\n" + unknown.summary();
  }
  return corpus;
}

}  // namespace regard::cli
