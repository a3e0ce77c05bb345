// SPDX-License-Identifier: MIT
#include "decoding/token_rules.h"

#include <gtest/gtest.h>

#include <cmath>

namespace regard::decoding {
namespace {

// Five tokens with e^logit 1, 2, 3, 4 and 10: probabilities in twentieths.
Tensor logits_of_twentieths() {
  const float logs[] = {0, std::log(2.0f), std::log(3.0f), std::log(4.0f), std::log(10.0f)};
  return Tensor::from({1, 5}, logs);
}

void expect_twentieths(const Tensor& found, const std::vector<double>& twentieths) {
  for (size_t id = 0; id < twentieths.size(); ++id) {
    // two rounded logarithms below 4
    EXPECT_NEAR(std::exp(double{found.data()[id]}), twentieths[id] / 20, 4 * 0x1p-22) << id;
  }
}

// The log-probabilities that a beam search makes of these.
Tensor ruled(const TokenRules& rules, Tensor& logits, const History& history, Index last,
             Index length) {
  const float total = rules.rule(logits.data(), 5, history, last, length);
  for (float& logit : logits.values()) logit -= total;
  return logits;
}

TEST(TokenRules, ForbidWhatWouldCompleteABadWord) {
  History history;
  const Index start = history.add(4, 0, 0, History::none);
  const Index one = history.add(1, 0, 0, start), two = history.add(2, 0, 0, one);
  SearchOptions options;
  options.max_length = 9;
  options.bad_words = {{4}, {1, 2, 3}, {4, 1, 1}, {2, 0}, {4, 4, 1, 2, 2}, {0}};
  const TokenRules rules(options);

  const auto after = [&](Index last, Index length) {
    Tensor logits = logits_of_twentieths();
    return ruled(rules, logits, history, last, length);
  };
  expect_twentieths(after(start, 1), {1, 2, 3, 4, 0});  // eos alone is never forbidden
  expect_twentieths(after(one, 2), {1, 0, 3, 4, 0});
  expect_twentieths(after(two, 3), {0, 2, 3, 0, 0});  // not 2: the start token stands once only
}

TEST(TokenRules, RenormalizeWhatIsLeft) {
  History history;
  const Index start = history.add(4, 0, 0, History::none);
  SearchOptions options;
  options.max_length = 9;
  options.bad_words = {{4}};
  options.renormalize_logits = true;
  const TokenRules rules(options);
  Tensor logits = logits_of_twentieths();
  expect_twentieths(ruled(rules, logits, history, start, 1), {2, 4, 6, 8, 0});

  Tensor row = logits_of_twentieths();
  EXPECT_NEAR(rules.forbid(row.data(), 5, history, start), std::log(10), 4 * 0x1p-22);
  options.renormalize_logits = false;
  row = logits_of_twentieths();
  const float total = TokenRules(options).forbid(row.data(), 5, history, start);
  EXPECT_NEAR(total, std::log(20), 4 * 0x1p-22);
  EXPECT_EQ(row.data()[4], -INFINITY);
}

TEST(TokenRules, ForceTheLastToken) {
  History history;
  const Index start = history.add(4, 0, 0, History::none);
  SearchOptions options;
  options.max_length = 3;
  options.forced_eos = 2;
  options.bad_words = {{2}};  // what is forced may be forbidden
  const TokenRules rules(options);
  EXPECT_EQ(rules.forced(1), std::nullopt);
  EXPECT_EQ(rules.forced(2), 2);
  Tensor logits = logits_of_twentieths();
  expect_twentieths(ruled(rules, logits, history, start, 2), {0, 0, 20, 0, 0});
}

}  // namespace
}  // namespace regard::decoding
