// SPDX-License-Identifier: MIT
// regard_train: trains a translator on a prepared folder and leaves a Marian folder.
//
//   regard_train --config tools/en-zh.train.json --data build/corpus/en-zh --out web/models/en-zh
//
// It reads the model's files and train.*, dev.* from --data, shows loss and speed, saves every few
// minutes and goes on from there when it is started again. Other options: --steps, --threads.
#include <chrono>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <thread>

#include "cli/arguments.h"
#include "cli/corpus.h"
#include "io/file.h"
#include "models/weights.h"
#include "tensor/parallel.h"
#include "training/checkpoint.h"

namespace {

using namespace regard;
using Clock = std::chrono::steady_clock;

volatile std::sig_atomic_t stop_requested = 0;

constexpr double seconds_between_reports = 10;
constexpr double seconds_between_saves = 180;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// What happened since the last line that was shown.
struct Progress {
  Clock::time_point since = Clock::now();
  double loss = 0;
  Index steps = 0, tokens = 0;

  void add(const training::StepReport& report) {
    loss += static_cast<double>(report.loss);
    ++steps;
    tokens += report.target_tokens;
  }

  void show(const training::StepReport& last, Index total) {
    const double seconds = seconds_since(since);
    const double left =
        static_cast<double>(total - last.step) * seconds / static_cast<double>(steps);
    std::printf(
        "step %td/%td  epoch %td  loss %.3f  rate %.2e  norm %.2f  %.0f tokens/s  %d min left\n",
        last.step, total, last.epoch, loss / static_cast<double>(steps),
        static_cast<double>(last.rate), last.gradient_norm, static_cast<double>(tokens) / seconds,
        static_cast<int>(left / 60 + 0.5));
    std::fflush(stdout);
    *this = Progress();
  }
};

// The files that pass unchanged from the data to the model.
const std::vector<std::string> copied = {"config.json", "generation_config.json",
                                         "source.spm",  "target.spm",
                                         "vocab.json",  "tokenizer_config.json"};

// What the file of settings says.
struct Settings {
  explicit Settings(const std::string& path)
      : json(io::Json::parse(io::read_file(path), path)),
        trainer(training::read_trainer_options(json, path)),
        steps(static_cast<Index>(io::Fields(json, path).whole("steps"))),
        source(io::Fields(json, path).text("source")),
        target(io::Fields(json, path).text("target")) {}

  io::Json json;
  training::TrainerOptions trainer;
  Index steps;
  std::string source, target;  // the endings of the files of sentences
};

models::Transformer new_model(const models::Folder& files, uint64_t seed) {
  const auto json = io::Json::parse(files.find("config.json")->second, "config.json");
  const auto config = models::read_transformer_config(json, "config.json");
  return models::Transformer(config, layers::Initializer(seed, config.init_std));
}

// One training: the model, its folder of data and the folder that it goes to.
class Run {
 public:
  Run(const Settings& settings, std::string data, std::string out)
      : data_(std::move(data)),
        out_(std::move(out)),
        state_(data_ + "/state.safetensors"),
        files_(cli::read_folder(data_, copied)),
        model_(new_model(files_, settings.trainer.seed)),
        trainer_(model_, pairs("train", settings), settings.trainer),
        dev_(pairs("dev", settings)) {}

  void resume() {
    if (!std::filesystem::exists(state_)) return;
    training::read_checkpoint(io::read_file(state_), state_, model_, trainer_);
    std::printf("going on after step %td of %s\n", trainer_.steps(), state_.c_str());
  }

  void train(Index total) {
    Progress progress;
    auto saved = Clock::now();
    while (trainer_.steps() < total && !stop_requested) {
      const auto report = trainer_.step();
      progress.add(report);
      const bool last = report.step == total;
      if (last || seconds_since(progress.since) > seconds_between_reports) {
        progress.show(report, total);
      }
      if (last || seconds_since(saved) > seconds_between_saves) {
        save();
        saved = Clock::now();
      }
    }
    if (stop_requested) save();
  }

 private:
  // The state to go on from, and the averaged weights as the model that one uses.
  void save() {
    io::write_file(state_, training::write_checkpoint(model_, trainer_));
    trainer_.average().exchange();
    const float loss = training::evaluate_loss(model_, dev_);
    std::filesystem::create_directories(out_);
    for (const auto& [name, bytes] : files_) io::write_file(out_ + "/" + name, bytes);
    io::write_file(out_ + "/model.safetensors",
                   model_.config().marian ? models::write_marian_weights(model_, io::Dtype::F16)
                                          : models::write_weights(model_, io::Dtype::F16));
    trainer_.average().exchange();
    std::printf("step %td  dev loss %.4f nats a token  saved to %s\n", trainer_.steps(),
                static_cast<double>(loss), out_.c_str());
    std::fflush(stdout);
  }

  std::vector<training::Pair> pairs(const std::string& part, const Settings& settings) const {
    const std::string path = data_ + "/" + part + ".";
    return cli::read_pairs(models::read_marian_tokenizer(files_), path + settings.source,
                           path + settings.target);
  }

  std::string data_, out_, state_;
  models::Folder files_;
  models::Transformer model_;
  training::Trainer trainer_;
  std::vector<training::Pair> dev_;
};

}  // namespace

int main(int count, char** words) {
  std::signal(SIGINT, [](int) { stop_requested = 1; });
  std::signal(SIGTERM, [](int) { stop_requested = 1; });
  try {
    const cli::Arguments arguments(count, words, {"config", "data", "out", "steps", "threads"});
    set_thread_count(static_cast<int>(
        arguments.whole("threads", static_cast<long>(std::thread::hardware_concurrency()))));
    const Settings settings(arguments.text("config"));
    Run run(settings, arguments.text("data"), arguments.text("out"));
    run.resume();
    run.train(arguments.whole("steps", static_cast<long>(settings.steps)));
  } catch (const regard::Error& error) {
    std::fprintf(stderr, "regard_train: %s\n", error.what());
    return 1;
  }
  return stop_requested ? 130 : 0;
}
