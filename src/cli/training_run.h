// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "cli/dev_set.h"
#include "cli/settings.h"
#include "cli/training_log.h"
#include "io/safetensors.h"
#include "training/trainer.h"

namespace regard::cli {

/// Where a training takes from and where it leaves what it made.
struct TrainingFolders {
  std::string data;  ///< the model's files without weights, train.* and dev.*
  std::string run;   ///< state.safetensors and log.jsonl, to go on from
  std::string out;   ///< the model
};

/// One training from its files to a model, with all that keeps a night's work safe: it goes on from
/// its last checkpoint, saves by the clock, says what it does and keeps a log.
class TrainingRun {
 public:
  /// Reads everything and goes on from the checkpoint if there is one.
  ///
  /// settings_text  the file of settings as it stands, for the checkpoint and the log
  /// throws         ValueError or FormatError for what is wrong with a file or folder
  TrainingRun(const Settings& settings, const std::string& settings_text, TrainingFolders folders);

  /// Trains up to step `total` and saves.
  ///
  /// stopped  asked after every step; if it says yes, the training is saved and ends early
  /// returns  whether all is saved
  /// throws   ValueError if the gradient is not finite again and again
  bool train(Index total, const std::function<bool()>& stopped);

 private:
  using Clock = std::chrono::steady_clock;

  // What happened since the last line that was shown.
  struct Interval {
    Clock::time_point since = Clock::now();
    double loss = 0;
    Index steps = 0, tokens = 0;
  };

  std::unique_ptr<training::Trainer> make_trainer(Corpus corpus);
  void begin_with(const std::string& folder);
  Index resume();
  void watch(const training::StepReport& report);
  void show(const training::StepReport& last, Index total);
  void evaluate(Index sentences, const std::function<bool()>& stopped);
  void save();
  bool save_or_say();
  bool save_at_the_end(const std::function<bool()>& stopped);
  double seconds() const;
  std::string state() const { return folders_.run + "/state.safetensors"; }

  Settings settings_;
  TrainingFolders folders_;
  models::Folder files_;
  std::shared_ptr<const text::MarianTokenizer> tokenizer_;
  models::Transformer model_;
  io::Metadata origin_;
  std::unique_ptr<training::Trainer> trainer_;
  std::unique_ptr<DevSet> dev_;
  std::unique_ptr<TrainingLog> log_;
  Clock::time_point started_;  // when all was read
  Interval interval_;
  Index steps_without_move_ = 0;
  Index saved_ = -1;  // the step that was saved last
  bool log_complaint_ = false;
};

}  // namespace regard::cli
