// SPDX-License-Identifier: MIT
// regard_translate: a line in, its translation out, in order, with a Marian folder.
//
//   regard_translate --model web/models/en-zh --beams 4 < in.txt > out.txt
//
// --precision int8 multiplies weights of 8 bits.
#include <cstdio>
#include <iostream>
#include <string>
#include <thread>

#include "cli/arguments.h"
#include "cli/translator.h"
#include "decoding/translator.h"
#include "tensor/parallel.h"

namespace {

using namespace regard;

// Enough for translations of like lengths to share their steps.
constexpr size_t lines_at_once = 256;

void translate(const decoding::Translator& translator, const std::vector<std::string>& lines,
               const decoding::TranslateOptions& options) {
  decoding::TranslationSearch search = translator.start(lines, options);
  while (search.step()) {
  }
  for (Index i = 0; i < search.texts(); ++i) {
    std::cout << search.result(i).hypotheses[0].target.text << '\n';
  }
  std::cout.flush();
}

}  // namespace

int main(int count, char** words) {
  try {
    const cli::Arguments arguments(count, words, {"model", "beams", "threads", "precision"});
    set_thread_count(static_cast<int>(
        arguments.whole("threads", static_cast<long>(std::thread::hardware_concurrency()))));
    const decoding::Translator translator =
        cli::read_translator(arguments.text("model"), cli::storage_of(arguments));
    decoding::TranslateOptions options;
    if (arguments.has("beams")) options.beams = static_cast<Index>(arguments.whole("beams", 1));

    std::vector<std::string> lines;
    for (std::string line; std::getline(std::cin, line);) {
      lines.push_back(line);
      if (lines.size() < lines_at_once) continue;
      translate(translator, lines, options);
      lines.clear();
    }
    translate(translator, lines, options);
  } catch (const regard::Error& error) {
    std::fprintf(stderr, "regard_translate: %s\n", error.what());
    return 1;
  }
  return 0;
}
