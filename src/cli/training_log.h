// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "io/json.h"
#include "tensor/shape.h"

namespace regard::cli {

/// What happened in a training: a file with one JSON object in a line, which tools/plot.mjs draws.
///
///     {"step":0,"seconds":0.0,"pairs":36953,…}             what is trained, and the settings
///     {"step":1000,"seconds":412.5,"loss":3.1,…}           what steps did
///     {"step":1000,"seconds":420.1,"dev_loss":2.9,…}       what an evaluation found
///
/// A line is there whole or not at all. Whoever holds a log is the only training of its folder.
class TrainingLog {
 public:
  /// Opens the file or makes it, and keeps of it what happened up to a step: what came after is
  /// going to happen again.
  ///
  /// step     of the checkpoint that the training goes on from; at 0 an older log is kept as
  ///          `path.before`, or as `path.before.2` and so on
  /// throws   ValueError if the file cannot be opened or the older one not be kept, or if another
  ///          process holds it
  TrainingLog(std::string path, Index step);
  TrainingLog(const TrainingLog&) = delete;
  TrainingLog& operator=(const TrainingLog&) = delete;
  ~TrainingLog();

  /// Adds a line. returns false if it could not be written; the file is as it was then.
  bool add(const io::Json::Object& line);

  /// Seconds of training up to the last line, in all its parts.
  double seconds() const noexcept { return seconds_; }
  /// The step of the last line about dev; 0 if there is none.
  Index evaluated() const noexcept { return evaluated_; }

 private:
  void keep_until(Index step);

  std::string path_;
  int file_ = -1;
  double seconds_ = 0;
  Index evaluated_ = 0;
};

}  // namespace regard::cli
