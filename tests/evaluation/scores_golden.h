// SPDX-License-Identifier: MIT
// What sacreBLEU made of translations, and how it cut them into words.
#pragma once

#include <string>
#include <vector>

#include "io/file.h"
#include "io/json.h"

namespace regard::evaluation {

/// Relative: some dozen additions and divisions of doubles, a logarithm and an exponential.
inline constexpr double same = 1e-12;

class ScoresGolden {
 public:
  const io::Json::Array& words() const { return list("words"); }
  const io::Json::Array& corpora() const { return list("corpora"); }

  static std::vector<std::string> texts(const io::Json& json) {
    std::vector<std::string> found;
    for (const io::Json& text : json.items("texts")) found.push_back(text.text("text"));
    return found;
  }

 private:
  const io::Json::Array& list(const char* name) const {
    return io::Fields(json_, "scores.json").value(name).items(name);
  }

  io::Json json_ =
      io::Json::parse(io::read_file(REGARD_GOLDEN_DIR "/scores/scores.json"), "scores.json");
};

}  // namespace regard::evaluation
