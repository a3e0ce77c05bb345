// SPDX-License-Identifier: MIT
#include "decoding/search_options.h"

#include <cmath>
#include <string>

namespace regard::decoding {
namespace {

void expect_range(const char* option, Index value, Index least, Index most) {
  if (value >= least && value <= most) return;
  throw ValueError("translate: ", option, " is ", value, ", expected ", least, " to ", most);
}

}  // namespace

SearchOptions usual_options(const models::GenerationConfig& config) {
  SearchOptions options;
  options.beams = config.beams;
  options.length_penalty = config.length_penalty;
  options.early_stopping = !config.early_stopping   ? EarlyStopping::never
                           : *config.early_stopping ? EarlyStopping::yes
                                                    : EarlyStopping::no;
  options.max_length = config.max_length;
  options.eos = config.eos;
  options.decoder_start = config.decoder_start;
  options.forced_eos = config.forced_eos;
  options.renormalize_logits = config.renormalize_logits;
  options.bad_words = config.bad_words;
  return options;
}

const SearchOptions& checked(const SearchOptions& options, Index vocabulary, Index longest) {
  expect_range("beams", options.beams, 1, 64);
  expect_range("n_best", options.n_best, 1, options.beams);
  expect_range("max_length", options.max_length, 2, longest);
  if (!std::isfinite(options.length_penalty)) {
    throw ValueError("translate: length_penalty is ", options.length_penalty,
                     ", expected a finite number");
  }

  expect_range("eos", options.eos, 0, vocabulary - 1);
  expect_range("decoder_start", options.decoder_start, 0, vocabulary - 1);
  if (options.forced_eos) expect_range("forced_eos", *options.forced_eos, 0, vocabulary - 1);
  for (const Ids& word : options.bad_words) {
    if (word.empty()) throw ValueError("translate: a bad word is empty, expected at least one id");
    for (Id id : word) expect_range("an id of bad_words", id, 0, vocabulary - 1);
  }

  // the start token, the prefix and one token to search for must fit
  expect_range("prefix length", static_cast<Index>(options.prefix.size()), 0,
               options.max_length - 2);
  for (Id id : options.prefix) expect_range("an id of prefix", id, 0, vocabulary - 1);
  return options;
}

}  // namespace regard::decoding
