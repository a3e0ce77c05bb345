// SPDX-License-Identifier: MIT
// regard_bench_training: times steps of a training, as regard_train takes them but for sampling and
// noise, which are left out.
//
//   regard_bench_training --config tools/en-zh.train.json --data build/corpus/en-zh --steps 8
//
// A round is --steps steps, each on the next batch of the first epoch. One is taken at once and
// then one for each line on standard input, so that another program can take its own in between;
// after each a line of JSON says how long it took. --batches FILE first writes the ids that
// `--rounds` rounds train on, a pair a line: number of the step, source and target, separated by
// tabs. --precision fp32 or bf16 replaces that of the settings; --threads says how many it uses.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <exception>
#include <iostream>
#include <thread>

#include "cli/arguments.h"
#include "cli/corpus.h"
#include "cli/settings.h"
#include "io/file.h"
#include "models/weights.h"
#include "tensor/parallel.h"
#include "tensor/stopwatch.h"
#include "training/trainer.h"

namespace {

using namespace regard;

std::string line_of(const Ids& ids) {
  std::string line;
  for (const Id id : ids) line += (line.empty() ? "" : " ") + std::to_string(id);
  return line;
}

void write_batches(const std::string& path, const training::Trainer& trainer,
                   const std::vector<training::Pair>& pairs, size_t steps) {
  std::string text;
  for (size_t step = 0; step < std::min(steps, trainer.plan().size()); ++step) {
    for (const size_t row : trainer.plan()[step]) {
      text += std::to_string(step) + "\t" + line_of(pairs[row].source) + "\t" +
              line_of(pairs[row].target) + "\n";
    }
  }
  io::write_file(path, io::bytes_of(text));
}

// One round, and what it says.
void run(training::Trainer& trainer, Index steps) {
  using Clock = std::chrono::steady_clock;
  constexpr std::pair<Work, const char*> parts[] = {{Work::products, "products"},
                                                    {Work::attention, "attention"},
                                                    {Work::loss, "loss"},
                                                    {Work::optimizer, "optimizer"}};
  double before[std::size(parts)];
  for (size_t i = 0; i < std::size(parts); ++i) before[i] = Timed::seconds(parts[i].first);
  Index source_tokens = 0, target_tokens = 0;
  double loss = 0;
  const auto start = Clock::now();
  for (Index i = 0; i < steps; ++i) {
    const training::StepReport report = trainer.step();
    source_tokens += report.source_tokens;
    target_tokens += report.target_tokens;
    loss += static_cast<double>(report.loss) / static_cast<double>(steps);
  }
  const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
  std::printf("{\"seconds\": %.6f, \"source_tokens\": %td, \"target_tokens\": %td, \"loss\": %.6f",
              seconds, source_tokens, target_tokens, loss);
  for (size_t i = 0; i < std::size(parts); ++i) {
    std::printf(", \"%s\": %.6f", parts[i].second, Timed::seconds(parts[i].first) - before[i]);
  }
  std::printf("}\n");
  std::fflush(stdout);
}

void bench(const cli::Arguments& arguments) {
  set_thread_count(static_cast<int>(
      arguments.whole("threads", static_cast<long>(std::thread::hardware_concurrency()))));
  const std::string& path = arguments.text("config");
  cli::Settings settings = cli::read_settings(io::read_file(path), path);
  if (arguments.has("precision")) {
    const std::string& precision = arguments.text("precision");
    if (precision != "fp32" && precision != "bf16") {
      throw ValueError("--precision is ", precision, ", expected fp32 or bf16");
    }
    settings.trainer.precision =
        precision == "bf16" ? autograd::Precision::bf16 : autograd::Precision::fp32;
  }
  const std::string& data = arguments.text("data");
  const auto files = cli::read_model_files(data);
  const auto json = io::Json::parse(files.find("config.json")->second, "config.json");
  const auto config = models::read_transformer_config(json, "config.json");
  models::Transformer model(config, layers::Initializer(settings.trainer.seed, config.init_std));
  const cli::Corpus corpus =
      cli::read_corpus(models::read_marian_tokenizer(files), data + "/train." + settings.source,
                       data + "/train." + settings.target,
                       {.max_characters = settings.max_characters,
                        .max_pieces = config.max_positions,
                        .skip_share = settings.skip_share});
  training::Trainer trainer(model, corpus.pairs, settings.trainer);

  const Index steps = arguments.whole("steps", 8);
  if (arguments.has("batches")) {
    write_batches(arguments.text("batches"), trainer, corpus.pairs,
                  static_cast<size_t>(steps * arguments.whole("rounds", 1)));
  }
  std::string line;
  do {
    run(trainer, steps);
  } while (std::getline(std::cin, line));
}

}  // namespace

int main(int count, char** words) {
  try {
    bench(cli::Arguments(count, words,
                         {"config", "data", "steps", "rounds", "threads", "precision", "batches"}));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "regard_bench_training: %s\n", error.what());
    return 1;
  }
}
