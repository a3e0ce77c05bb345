// SPDX-License-Identifier: MIT
// regard_align: which layer and head of a model's cross-attention ties words that mean each other.
//
//   regard_align --model web/models/en-zh --source en --target zh --gold tools/gold.en-zh.tsv
//
// --pairs dev.tsv counts in how many pairs with Tom and 汤姆 those are tied. --json OUT.json has
// all figures and the best one, as {"best": {"layer": 2, "head": null}}, counted from 0, null being
// the mean of the layer's heads; tools/align.mjs puts it into the model's config.json. --threads
// says how many it uses.
#include <algorithm>
#include <cstdio>
#include <exception>
#include <thread>

#include "cli/arguments.h"
#include "cli/translator.h"
#include "evaluation/head_alignment.h"
#include "evaluation/sentence_pairs.h"
#include "io/file.h"
#include "tensor/parallel.h"

namespace {

using namespace regard;
using evaluation::HeadReport;
using evaluation::NamedPair;
using io::Json;

// The name that the corpora have most.
std::string name_in(const std::string& language) { return language == "zh" ? "汤姆" : "Tom"; }

std::vector<NamedPair> named_pairs(const cli::Arguments& arguments,
                                   const evaluation::Languages& languages) {
  if (!arguments.has("pairs")) return {};
  const std::string& name = arguments.text("pairs");
  const auto pairs = evaluation::read_pairs(io::read_file(name), name, languages);
  std::vector<NamedPair> named;
  for (size_t i = 0; i < pairs.size(); ++i) {
    const std::string &source = pairs.sources[i], &target = pairs.references[i];
    NamedPair pair{source, target, evaluation::find_name(source, name_in(languages.source)),
                   evaluation::find_name(target, name_in(languages.target))};
    if (pair.source_words.has_name() && pair.target_words.has_name()) {
      named.push_back(std::move(pair));
    }
  }
  return named;
}

std::string name_of(const evaluation::Head& head) {
  return head.head ? message({head.layer, ".", *head.head}) : message({head.layer, " mean"});
}

double percent(Index part, size_t whole) {
  return 100 * static_cast<double>(part) / static_cast<double>(std::max<size_t>(whole, 1));
}

void show(const std::vector<HeadReport>& reports, size_t pairs, size_t names) {
  std::printf(
      "%zu pairs aligned by hand; a target word is tied to the source word that gives it most of "
      "what it gives at all\n\n%-8s%12s%12s%8s%11s%8s%8s%8s\n",
      pairs, "", "AER to choose", "to report", "all", "precision", "recall", "plain", "Tom");
  for (const HeadReport& report : reports) {
    const auto all = report.all();
    std::printf("%-8s%13.3f%12.3f%8.3f%11.3f%8.3f%8.3f%6.0f %%\n", name_of(report.head).c_str(),
                report.choosing.rate(), report.reporting.rate(), all.rate(), all.precision(),
                all.recall(), report.plain.rate(), percent(report.names, names));
  }
  const HeadReport& best = best_head(reports);
  std::printf("\nbest to choose: %s, AER %.3f on the others\n", name_of(best.head).c_str(),
              best.reporting.rate());
  if (names == 0) return;
  std::printf("Tom and 汤姆 are tied in %td of %zu pairs, by the plain weights in %td\n",
              best.names, names, best.plain_names);
}

Json figures_of(const std::vector<HeadReport>& reports, size_t pairs, size_t names) {
  Json::Array rows;
  for (const HeadReport& report : reports) {
    const auto all = report.all();
    rows.push_back(Json::Object{{"alignment", to_json(report.head)},
                                {"choosing", report.choosing.rate()},
                                {"reporting", report.reporting.rate()},
                                {"all", all.rate()},
                                {"precision", all.precision()},
                                {"recall", all.recall()},
                                {"plain", report.plain.rate()},
                                {"names", int64_t{report.names}},
                                {"plainNames", int64_t{report.plain_names}}});
  }
  return Json::Object{{"pairs", static_cast<int64_t>(pairs)},
                      {"named", static_cast<int64_t>(names)},
                      {"best", to_json(best_head(reports).head)},
                      {"heads", std::move(rows)}};
}

void align(const cli::Arguments& arguments) {
  set_thread_count(static_cast<int>(
      arguments.whole("threads", static_cast<long>(std::thread::hardware_concurrency()))));
  const evaluation::Languages languages{arguments.text("source"), arguments.text("target")};
  const std::string& gold_name = arguments.text("gold");
  const auto gold = evaluation::read_gold_pairs(io::read_file(gold_name), gold_name,
                                                languages.source, languages.target);
  const auto named = named_pairs(arguments, languages);
  const decoding::Translator translator = cli::read_translator(arguments.text("model"));

  const auto reports = compare_heads(translator, gold, named);
  show(reports, gold.size(), named.size());
  if (arguments.has("json")) {
    const Json json = figures_of(reports, gold.size(), named.size());
    io::write_file(arguments.text("json"), io::bytes_of(json.to_string() + "\n"));
  }
}

}  // namespace

int main(int count, char** words) {
  try {
    align(cli::Arguments(count, words,
                         {"model", "source", "target", "gold", "pairs", "json", "threads"}));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "regard_align: %s\n", error.what());
    return 1;
  }
  return 0;
}
