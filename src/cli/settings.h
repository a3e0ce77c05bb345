// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "io/bytes.h"
#include "training/trainer_options.h"

namespace regard::cli {

/// What a file of settings, such as tools/en-zh.train.json, says about a training.
struct Settings {
  std::string source, target;  ///< the endings of the files of sentences
  Index steps = 0;             ///< of the whole training
  training::TrainerOptions trainer;

  double save_minutes = 3;         ///< from one save to the next
  Index save_steps = 0;            ///< save at its multiples besides; 0 = by the clock alone
  Index evaluate_every = 500;      ///< steps
  Index evaluate_sentences = 300;  ///< of dev, to be translated for BLEU and chrF; 0 = none
  Index max_characters = 10000;    ///< of a line
  double skip_share = 0.01;        ///< of the lines to train on that may be unusable

  std::string start_from;                ///< a Marian folder to begin with; empty = at random
  std::vector<std::string> start_parts;  ///< of it: `encoder`, `decoder`, `embeddings`
};

/// Settings from the bytes of a JSON file; all its keys are members of Settings or what
/// read_trainer_options() knows.
///
/// path     the file's name, for errors
/// throws   FormatError that names the line: `a.json:4: there is no key "warm_up"; did you mean
///          "warmup"?`, and the like for what is missing, out of range or contradicts another key
Settings read_settings(io::ByteSpan bytes, const std::string& path);

}  // namespace regard::cli
