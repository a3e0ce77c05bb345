// SPDX-License-Identifier: MIT
// regard_train: trains a translator on a prepared folder and leaves a Marian folder.
//
//   regard_train --config tools/en-zh.train.json --data build/corpus/en-zh --out web/models/en-zh
//
// It reads the model's files and train.*, dev.* from --data, shows loss, speed and scores, saves
// every few minutes and goes on from there when it is started again, to the same weights bit for
// bit. Its state and log lie in --run, without it in --data. Ctrl+C saves and ends it. --steps ends
// it early; --threads says how many it uses.
//
// It ends with 0 when all steps are done, with 130 when it was stopped, with 1 when something is
// wrong; it says what on standard error.
#include <csignal>
#include <cstdio>
#include <exception>
#include <thread>

#include "cli/arguments.h"
#include "cli/training_run.h"
#include "io/file.h"
#include "tensor/parallel.h"

namespace {

using namespace regard;

volatile std::sig_atomic_t stop_requested = 0;

// The first asks, the second ends it at once: what is on the disk is whole at any moment.
void request_stop(int signal) {
  stop_requested = 1;
  std::signal(signal, SIG_DFL);
}

int train(const cli::Arguments& arguments) {
  set_thread_count(static_cast<int>(
      arguments.whole("threads", static_cast<long>(std::thread::hardware_concurrency()))));
  const std::string& path = arguments.text("config");
  const io::Bytes text = io::read_file(path);
  const cli::Settings settings = cli::read_settings(text, path);
  const long whole = static_cast<long>(settings.steps), total = arguments.whole("steps", whole);
  if (total > whole) {  // there the rate is 0
    throw ValueError("--steps is ", total, ", but ", path, " has only ", whole, " steps");
  }
  const std::string& data = arguments.text("data");
  cli::TrainingRun run(
      settings, std::string(text.begin(), text.end()),
      {data, arguments.has("run") ? arguments.text("run") : data, arguments.text("out")});
  const bool saved = run.train(total, [] { return stop_requested != 0; });
  if (!saved) return 1;
  if (!stop_requested) return 0;
  std::printf("stopped; the same command goes on\n");
  return 130;
}

}  // namespace

int main(int count, char** words) {
  std::signal(SIGINT, request_stop);
  std::signal(SIGTERM, request_stop);
  std::signal(SIGPIPE, SIG_IGN);  // it goes on if nobody reads what it says
  std::signal(SIGXFSZ, SIG_IGN);  // a file that may not grow is said like a full disk
  try {
    return train(
        cli::Arguments(count, words, {"config", "data", "out", "run", "steps", "threads"}));
  } catch (const std::exception& error) {
    std::fflush(stdout);
    std::fprintf(stderr, "regard_train: %s\n", error.what());
    return 1;
  }
}
