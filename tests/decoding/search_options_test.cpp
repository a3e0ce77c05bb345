// SPDX-License-Identifier: MIT
#include "decoding/search_options.h"

#include <gtest/gtest.h>

#include <functional>
#include <limits>

namespace regard::decoding {
namespace {

std::string complaint(const std::function<void(SearchOptions&)>& change) {
  SearchOptions options;
  options.max_length = 12;
  change(options);
  try {
    checked(options, 100, 64);
  } catch (const ValueError& error) {
    return error.what();
  }
  return "";
}

TEST(SearchOptions, SaysWhatItExpected) {
  using Options = SearchOptions;
  EXPECT_EQ(complaint([](Options&) {}), "");
  EXPECT_EQ(complaint([](Options& o) { o.beams = 0; }), "translate: beams is 0, expected 1 to 64");
  EXPECT_EQ(complaint([](Options& o) { o.beams = 65; }),
            "translate: beams is 65, expected 1 to 64");
  EXPECT_EQ(complaint([](Options& o) { o.n_best = 5; }), "translate: n_best is 5, expected 1 to 4");
  EXPECT_EQ(complaint([](Options& o) { o.max_length = 65; }),
            "translate: max_length is 65, expected 2 to 64");
  EXPECT_EQ(complaint([](Options& o) { o.max_length = 1; }),
            "translate: max_length is 1, expected 2 to 64");
  EXPECT_EQ(complaint([](Options& o) { o.eos = 100; }), "translate: eos is 100, expected 0 to 99");
  EXPECT_EQ(complaint([](Options& o) { o.forced_eos = -1; }),
            "translate: forced_eos is -1, expected 0 to 99");
  EXPECT_EQ(complaint([](Options& o) { o.bad_words = {{3, 100}}; }),
            "translate: an id of bad_words is 100, expected 0 to 99");
  EXPECT_EQ(complaint([](Options& o) { o.bad_words = {{}}; }),
            "translate: a bad word is empty, expected at least one id");
  EXPECT_EQ(complaint([](Options& o) { o.prefix = Ids(10, 1); }), "");
  EXPECT_EQ(complaint([](Options& o) { o.prefix = Ids(11, 1); }),
            "translate: prefix length is 11, expected 0 to 10");
  EXPECT_EQ(complaint([](Options& o) { o.prefix = {100}; }),
            "translate: an id of prefix is 100, expected 0 to 99");
  const float nan = std::numeric_limits<float>::quiet_NaN();
  EXPECT_EQ(complaint([&](Options& o) { o.length_penalty = nan; }),
            "translate: length_penalty is nan, expected a finite number");
}

}  // namespace
}  // namespace regard::decoding
