// SPDX-License-Identifier: MIT
// regard_evaluate: translates sentences that were translated before, and says how well.
//
//   regard_evaluate --model web/models/en-zh --source en --target zh --pairs dev.tsv
//
// With --references FILE, --pairs has the sources alone, a line each. --beams 1,4 and
// --length-penalty 0.8,1 are lists, and each is tried with each. --sentences OUT.tsv writes all
// sentences with their losses, the worst first; --worst N shows so many; --json OUT.json has all
// figures. --threads says how many it uses. --precision int8 measures the model with weights of 8
// bits.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <exception>
#include <span>
#include <thread>

#include "cli/arguments.h"
#include "cli/translator.h"
#include "evaluation/chrf.h"
#include "evaluation/report.h"
#include "io/file.h"
#include "tensor/parallel.h"

namespace {

using namespace regard;
using evaluation::Scores;
using evaluation::SearchReport;
using io::Json;
using Clock = std::chrono::steady_clock;

// What was asked for, measured.
struct Measured {
  evaluation::Languages languages;
  evaluation::SentencePairs pairs;
  std::vector<evaluation::LengthClass> classes;
  evaluation::Losses losses;
  std::vector<SearchReport> searches;

  // Whose words the classes count.
  const char* counted() const { return languages.source == "zh" ? "reference" : "source"; }
  std::string translation(size_t place) const { return searches.back().translations[place]; }
};

// --- in ---

evaluation::SentencePairs read_pairs(const cli::Arguments& arguments,
                                     const evaluation::Languages& languages) {
  const std::string& name = arguments.text("pairs");
  const io::Bytes file = io::read_file(name);
  if (!arguments.has("references")) return evaluation::read_pairs(file, name, languages);
  const std::string& references = arguments.text("references");
  return evaluation::read_pairs(file, name, io::read_file(references), references);
}

// The numbers of a list like 0.8,1.
Json::Array listed(const cli::Arguments& arguments, const std::string& name) {
  const std::string text = "[" + arguments.text(name) + "]";
  Json::Array items = Json::parse(io::bytes_of(text), "--" + name).items("--" + name);
  if (items.empty()) throw ValueError("--", name, " is empty, expected numbers like 1,4");
  return items;
}

// Greedy and four beams unless told otherwise, under the model's own length penalty.
std::vector<decoding::TranslateOptions> searches(const cli::Arguments& arguments) {
  std::vector<std::optional<float>> penalties = {std::nullopt};
  if (arguments.has("length-penalty")) {
    penalties.clear();
    for (const Json& each : listed(arguments, "length-penalty")) {
      penalties.push_back(static_cast<float>(each.number("--length-penalty")));
    }
  }
  Json::Array beams = {1, 4};
  if (arguments.has("beams")) beams = listed(arguments, "beams");

  std::vector<decoding::TranslateOptions> all;
  for (const Json& each : beams) {
    const Index width = each.whole("--beams");
    for (const auto& penalty : penalties) {
      all.push_back({.beams = width, .length_penalty = penalty});
      if (width == 1) break;  // it has nothing to choose by
    }
  }
  return all;
}

// --- out ---

std::string name_of(const decoding::TranslateOptions& options) {
  if (options.beams == 1) return "greedy";
  std::string name = "beam " + std::to_string(*options.beams);
  if (!options.length_penalty) return name;
  return name + message({", penalty ", *options.length_penalty});
}

void show(const std::string& name, const Scores& scores) {
  std::printf("%-24s%9zu%8.2f%8.2f%8.3f", name.c_str(), scores.sentences, scores.bleu.score,
              scores.chrf, scores.length_ratio());
}

void show(const Measured& found, const SearchReport& report) {
  show(name_of(report.options), report.all);
  std::printf("   in %.1f s\n", report.seconds);
  for (size_t i = 0; i < report.by_length.size(); ++i) {
    show(std::string("  ") + found.classes[i].name, report.by_length[i]);
    std::printf("\n");
  }
  std::fflush(stdout);
}

double sentence_chrf(const Measured& found, size_t place) {
  const std::string translation = found.translation(place);
  return evaluation::chrf(std::span(&translation, 1), std::span(&found.pairs.references[place], 1));
}

void show_worst(const Measured& found, size_t count) {
  const auto places = evaluation::worst_first(found.losses);
  std::printf("\nthe model expected these references least; loss in nats a token, chrF of %s\n",
              name_of(found.searches.back().options).c_str());
  for (size_t i = 0; i < std::min(count, places.size()); ++i) {
    const size_t place = places[i];
    std::printf("%6.2f%7.1f  %s\n               %s\n               %s\n",
                found.losses.sentences[place], sentence_chrf(found, place),
                found.pairs.sources[place].c_str(), found.pairs.references[place].c_str(),
                found.translation(place).c_str());
  }
}

std::string table_of_sentences(const Measured& found) {
  std::string table = "loss\tchrf\tsource\treference\ttranslation\n";
  for (const size_t place : evaluation::worst_first(found.losses)) {
    char figures[64];
    std::snprintf(figures, sizeof figures, "%.4f\t%.2f", found.losses.sentences[place],
                  sentence_chrf(found, place));
    table += figures;
    for (const auto& text :
         {found.pairs.sources[place], found.pairs.references[place], found.translation(place)}) {
      table += "\t" + text;
    }
    table += "\n";
  }
  return table;
}

Json figures_of(const char* name, const Scores& scores) {
  Json::Array precisions(scores.bleu.precisions.begin(), scores.bleu.precisions.end());
  return Json::Object{{"name", name},
                      {"sentences", static_cast<int64_t>(scores.sentences)},
                      {"bleu", scores.bleu.score},
                      {"chrf", scores.chrf},
                      {"length", scores.length_ratio()},
                      {"precisions", std::move(precisions)},
                      {"brevity", scores.bleu.brevity_penalty}};
}

Json figures_of(const Measured& found) {
  Json::Array searches;
  for (const SearchReport& report : found.searches) {
    Json::Array rows = {figures_of("all", report.all)};
    for (size_t i = 0; i < report.by_length.size(); ++i) {
      rows.push_back(figures_of(found.classes[i].name, report.by_length[i]));
    }
    Json::Object search = {{"beams", int64_t{*report.options.beams}}};
    if (report.options.length_penalty) {
      search.emplace_back("lengthPenalty", static_cast<double>(*report.options.length_penalty));
    }
    search.emplace_back("seconds", report.seconds);
    search.emplace_back("scores", std::move(rows));
    searches.push_back(std::move(search));
  }
  const auto tokenization = evaluation::usual_tokenization(found.languages.target);
  return Json::Object{{"source", found.languages.source},
                      {"target", found.languages.target},
                      {"pairs", static_cast<int64_t>(found.pairs.size())},
                      {"loss", found.losses.mean},
                      {"tokenization", evaluation::name(tokenization)},
                      {"wordsOf", found.counted()},
                      {"searches", std::move(searches)}};
}

void evaluate(const cli::Arguments& arguments) {
  set_thread_count(static_cast<int>(
      arguments.whole("threads", static_cast<long>(std::thread::hardware_concurrency()))));
  Measured found;
  found.languages = {arguments.text("source"), arguments.text("target")};
  found.pairs = read_pairs(arguments, found.languages);
  found.classes = length_classes(found.pairs, found.languages);
  const auto asked = searches(arguments);
  const decoding::Translator translator =
      cli::read_translator(arguments.text("model"), cli::storage_of(arguments));

  found.losses = reference_losses(translator, found.pairs);
  const auto tokenization = evaluation::usual_tokenization(found.languages.target);
  std::printf(
      "%zu pairs, loss %.3f nats a token; BLEU by words of \"%s\" and chrF2 as sacreBLEU has "
      "them,\n"
      "length in those words by that of the references, classes by the words of the %s\n\n",
      found.pairs.size(), found.losses.mean, evaluation::name(tokenization), found.counted());
  std::printf("%-24s%9s%8s%8s%8s\n", "", "sentences", "BLEU", "chrF", "length");
  for (const auto& options : asked) {
    const auto start = Clock::now();
    auto translations = evaluation::translate(translator, found.pairs.sources, options);
    const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
    SearchReport report =
        score(found.pairs, found.classes, found.languages.target, std::move(translations));
    report.options = options;
    report.seconds = seconds;
    show(found, report);
    found.searches.push_back(std::move(report));
  }

  if (arguments.has("worst")) {
    show_worst(found, static_cast<size_t>(arguments.whole("worst", 10)));
  }
  if (arguments.has("sentences")) {
    io::write_file(arguments.text("sentences"), io::bytes_of(table_of_sentences(found)));
  }
  if (arguments.has("json")) {
    io::write_file(arguments.text("json"), io::bytes_of(figures_of(found).to_string() + "\n"));
  }
}

}  // namespace

int main(int count, char** words) {
  try {
    evaluate(
        cli::Arguments(count, words,
                       {"model", "source", "target", "pairs", "references", "beams",
                        "length-penalty", "sentences", "worst", "json", "threads", "precision"}));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "regard_evaluate: %s\n", error.what());
    return 1;
  }
  return 0;
}
