// SPDX-License-Identifier: MIT
#include "decoding/greedy_search.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "reference_search.h"
#include "table_stepper.h"

namespace regard::decoding {
namespace {

constexpr Index vocabulary = 20;
constexpr Id start = 19;
// A sum of a dozen fp32 log-probabilities below 32 against one in double.
constexpr double tolerance = 12 * 0x1p-19;

SearchOptions options_for_one() {
  SearchOptions options;
  options.beams = 1;
  options.max_length = 10;
  options.decoder_start = start;
  options.forced_eos = 0;
  options.bad_words = {{start}, {3, 4}};
  return options;
}

std::unique_ptr<models::Stepper> stepper_for(std::vector<Index> sentences) {
  return std::make_unique<TableStepper>(hashed_table(vocabulary), vocabulary, std::move(sentences));
}

TEST(GreedySearch, TakesTheMostProbableTokenAtEveryStep) {
  const Table table = hashed_table(vocabulary);
  for (bool renormalize : {false, true}) {
    SearchOptions options = options_for_one();
    options.renormalize_logits = renormalize;
    const auto search = make_search(stepper_for({0, 1, 2, 3, 4, 5, 6, 7}), options);
    while (search->step()) {
    }
    for (Index sentence = 0; sentence < 8; ++sentence) {
      Ids ids{start};
      double sum = 0;
      while (ids.size() == 1 || ids.back() != 0) {
        const auto row = continuations(table, sentence, ids, options);
        const auto best = std::max_element(row.begin(), row.end());
        double allowed = 0;  // what the forbidden leave over
        for (double term : row) allowed += std::exp(term);
        sum += *best - (renormalize ? std::log(allowed) : 0);
        ids.push_back(static_cast<Id>(best - row.begin()));
      }
      const Hypothesis found = search->results(sentence)[0];
      EXPECT_EQ(found.ids, Ids(ids.begin() + 1, ids.end()));
      EXPECT_NEAR(found.score, sum / static_cast<double>(ids.size() - 1), tolerance);
    }
  }
}

TEST(GreedySearch, ComparesLogitsAndNotTheirRoundedLogarithms) {
  // an ulp apart, which is lost once the logarithm of e^64 is subtracted
  const float almost = 1 - 0x1p-24f;
  const Table close = [=](Index, const Ids&) {
    return std::vector<float>{-60, almost, 1, 64, -90};
  };
  SearchOptions options;
  options.beams = 1;
  options.max_length = 2;
  options.decoder_start = 4;
  options.bad_words = {{3}};
  GreedySearch search(std::make_unique<TableStepper>(close, 5, std::vector<Index>{0}), options);
  EXPECT_FALSE(search.step());
  EXPECT_EQ(search.results(0)[0].ids, (Ids{2}));
}

TEST(GreedySearch, ScoresGivenTargetsAsTheSearchThatFoundThem) {
  SearchOptions options = options_for_one();
  options.beams = options.n_best = 4;
  options.attention = true;
  const std::vector<Index> sentences{3, 1, 4};
  const auto search = make_search(stepper_for(sentences), options);
  while (search->step()) {
  }
  for (size_t rank = 0; rank < 4; ++rank) {
    std::vector<Ids> targets;
    for (Index s = 0; s < 3; ++s) targets.push_back(search->results(s)[rank].ids);
    GreedySearch scoring(stepper_for(sentences), options, targets);
    while (scoring.step()) {
    }
    for (Index s = 0; s < 3; ++s) {
      const Hypothesis expected = search->results(s)[rank], found = scoring.results(s)[0];
      EXPECT_EQ(found.ids, expected.ids);
      EXPECT_NEAR(found.score, expected.score, tolerance);
      const auto attention = scoring.attention(s);
      const auto same = search->attention(s, static_cast<Index>(rank));
      EXPECT_TRUE(std::ranges::equal(attention.cross.values(), same.cross.values()));
      EXPECT_TRUE(std::ranges::equal(attention.decoder.values(), same.decoder.values()));
    }
  }
}

TEST(GreedySearch, FollowsATargetThatNobodyWouldFind) {
  SearchOptions options = options_for_one();
  const Ids target{7, 0, 7, 3, 0};  // an end within, and none where a search would have put it
  GreedySearch scoring(stepper_for({5}), options, {target});
  double sum = 0;
  Ids fed{start};
  for (Id id : target) {
    sum += log_softmax_reference(hashed_table(vocabulary)(5, fed))[static_cast<size_t>(id)];
    fed.push_back(id);
  }
  while (scoring.step()) {
  }
  EXPECT_EQ(scoring.results(0)[0].ids, target);
  EXPECT_NEAR(scoring.results(0)[0].score, sum / 5, tolerance);

  // forbidden, it is impossible but still has its attention
  GreedySearch forbidden(stepper_for({5}), options, {{3, 4, 0}});
  while (forbidden.step()) {
  }
  EXPECT_EQ(forbidden.results(0)[0].score, -std::numeric_limits<float>::infinity());
}

TEST(GreedySearch, RefusesTargetsThatDoNotFit) {
  const SearchOptions options = options_for_one();
  const auto attempt = [&](std::vector<Ids> targets, const SearchOptions& with) {
    GreedySearch(stepper_for({0}), with, std::move(targets));
  };
  EXPECT_NO_THROW(attempt({{1, 2, 3, 4, 5, 6, 7, 8, 0}}, options));
  EXPECT_THROW(attempt({{1, 2, 3, 4, 5, 6, 7, 8, 9, 0}}, options), ValueError);
  EXPECT_THROW(attempt({{1, 0}, {1, 0}}, options), ValueError);
  EXPECT_THROW(attempt({{}}, options), ValueError);
  EXPECT_THROW(attempt({{1, vocabulary}}, options), ValueError);
  EXPECT_THROW(attempt({{-1}}, options), ValueError);
  SearchOptions prefixed = options;
  prefixed.prefix = {1};
  EXPECT_THROW(attempt({{1, 0}}, prefixed), ValueError);
}

TEST(GreedySearch, IsOverWhenNothingCanFollow) {
  SearchOptions options = options_for_one();
  for (Id id = 0; id < vocabulary; ++id) options.bad_words.push_back({5, id});
  options.prefix = {5};
  GreedySearch search(stepper_for({0}), options);
  EXPECT_TRUE(search.step());
  EXPECT_THROW(search.step(), ValueError);
  EXPECT_FALSE(search.step());
}

}  // namespace
}  // namespace regard::decoding
