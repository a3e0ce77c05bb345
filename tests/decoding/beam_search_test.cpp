// SPDX-License-Identifier: MIT
#include "decoding/beam_search.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numeric>

#include "reference_search.h"
#include "table_stepper.h"

namespace regard::decoding {
namespace {

// A sum of a dozen fp32 log-probabilities below 32 against one in double.
constexpr double tolerance = 12 * 0x1p-19;

SearchOptions options_for(Index vocabulary) {
  SearchOptions options;
  options.max_length = 10;
  options.eos = 0;
  options.decoder_start = static_cast<Id>(vocabulary - 1);
  options.forced_eos = options.eos;
  options.bad_words = {{options.decoder_start}};
  return options;
}

std::vector<Index> numbered(Index count) {
  std::vector<Index> numbers(static_cast<size_t>(count));
  std::iota(numbers.begin(), numbers.end(), 0);
  return numbers;
}

std::unique_ptr<Search> finished_search(const Table& table, Index vocabulary,
                                        std::vector<Index> sentences,
                                        const SearchOptions& options) {
  auto search = std::make_unique<BeamSearch>(
      std::make_unique<TableStepper>(table, vocabulary, std::move(sentences)), options);
  while (search->step()) {
  }
  return search;
}

void expect_same(const std::vector<Hypothesis>& found,
                 const std::vector<ReferenceHypothesis>& expected) {
  ASSERT_EQ(found.size(), expected.size());
  for (size_t rank = 0; rank < found.size(); ++rank) {
    EXPECT_EQ(found[rank].ids, Ids(expected[rank].ids.begin() + 1, expected[rank].ids.end()));
    EXPECT_NEAR(found[rank].score, expected[rank].score, tolerance);
  }
}

TEST(BeamSearch, FindsWhatTheReferenceFinds) {
  for (Index vocabulary : {13, 40, 130, 200}) {
    const Table table = hashed_table(vocabulary);
    for (Index beams : {1, 2, 3, 6}) {
      for (auto stopping : {EarlyStopping::no, EarlyStopping::yes, EarlyStopping::never}) {
        for (float penalty : {1.0f, 0.0f, 1.5f, -0.5f}) {
          SearchOptions options = options_for(vocabulary);
          options.beams = options.n_best = beams;
          options.early_stopping = stopping;
          options.length_penalty = penalty;
          options.bad_words.push_back({2, 3});
          const auto search = finished_search(table, vocabulary, numbered(3), options);
          for (Index sentence = 0; sentence < 3; ++sentence) {
            expect_same(search->results(sentence), reference_beam_search(table, sentence, options));
          }
        }
      }
    }
  }
}

TEST(BeamSearch, FindsTheBestOfAllWhenNothingIsCut) {
  constexpr Index vocabulary = 4;  // two tokens go on, so never more than 2^5 hypotheses
  const Table table = hashed_table(vocabulary);
  for (Index sentence = 0; sentence < 40; ++sentence) {
    SearchOptions options = options_for(vocabulary);
    options.max_length = 6;
    options.beams = options.n_best = 64;
    const auto all = exhaustive_search(table, sentence, options);
    const auto search = finished_search(table, vocabulary, {sentence}, options);
    expect_same(search->results(0), all);
  }
}

// Three tokens: 0 ends, 2 starts. p(0), p(1) after the start are 0.4, 0.6; then 0.5, 0.5 for ever.
std::vector<float> coin(Index, const Ids& tokens) {
  const float nothing = -std::numeric_limits<float>::infinity();
  if (tokens.size() == 1) return {std::log(0.4f), std::log(0.6f), nothing};
  return {std::log(0.5f), std::log(0.5f), nothing};
}

TEST(BeamSearch, ScoresAsWorkedOutByHand) {
  SearchOptions options = options_for(3);
  options.beams = options.n_best = 2;
  options.max_length = 5;
  options.forced_eos.reset();

  // without a penalty nothing longer beats {0} 0.4 and {1, 0} 0.3
  options.length_penalty = 0;
  auto found = finished_search(coin, 3, {0}, options)->results(0);
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].ids, (Ids{0}));
  EXPECT_NEAR(found[0].score, std::log(0.4), tolerance);
  EXPECT_EQ(found[1].ids, (Ids{1, 0}));
  EXPECT_NEAR(found[1].score, std::log(0.3), tolerance);
  EXPECT_NEAR(found[1].log_probabilities[0], std::log(0.6), tolerance);
  EXPECT_NEAR(found[1].log_probabilities[1], std::log(0.5), tolerance);

  // per token, {1, 0} has log 0.3 / 2 = -0.602, and once {0} and {1, 0} are finished, the one
  // unfinished has log 0.3 / 2 as well: better than -0.916, so the search goes on to {1, 1, 0}
  options.length_penalty = 1;
  found = finished_search(coin, 3, {0}, options)->results(0);
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].ids, (Ids{1, 0}));
  EXPECT_NEAR(found[0].score, std::log(0.3) / 2, tolerance);
  EXPECT_EQ(found[1].ids, (Ids{1, 1, 0}));
  EXPECT_NEAR(found[1].score, std::log(0.15) / 3, tolerance);

  options.early_stopping = EarlyStopping::yes;
  found = finished_search(coin, 3, {0}, options)->results(0);
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[1].ids, (Ids{0}));
}

TEST(BeamSearch, TakesTheLowerIndexOfEquals) {
  const Table flat = [](Index, const Ids& tokens) {
    return std::vector<float>(8, tokens.size() > 3 ? 1.0f : 2.0f);
  };
  SearchOptions options = options_for(8);
  options.beams = options.n_best = 2;
  options.max_length = 4;
  options.eos = 5;
  options.forced_eos.reset();
  const auto found = finished_search(flat, 8, {0}, options)->results(0);
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].ids, (Ids{0, 0, 0}));
  EXPECT_EQ(found[1].ids, (Ids{0, 0, 1}));
}

TEST(BeamSearch, FindsTheSameInABatchAsAlone) {
  constexpr Index vocabulary = 30, sentences = 12;
  const Table table = hashed_table(vocabulary);
  SearchOptions options = options_for(vocabulary);
  options.n_best = options.beams;
  options.attention = true;
  const auto batch = finished_search(table, vocabulary, numbered(sentences), options);
  for (Index sentence = 0; sentence < sentences; ++sentence) {
    const auto alone = finished_search(table, vocabulary, {sentence}, options);
    const auto expected = alone->results(0), found = batch->results(sentence);
    ASSERT_EQ(found.size(), expected.size());
    for (size_t rank = 0; rank < found.size(); ++rank) {
      EXPECT_EQ(found[rank].ids, expected[rank].ids);
      EXPECT_EQ(found[rank].score, expected[rank].score);
      EXPECT_EQ(found[rank].beams, expected[rank].beams);
      if (rank > 0) {
        EXPECT_GE(found[rank - 1].score, found[rank].score);
      }
    }
  }
}

TEST(BeamSearch, FeedsOnlyWhatIsAlive) {
  constexpr Index vocabulary = 30, sentences = 12;
  const Table table = hashed_table(vocabulary);
  const SearchOptions options = options_for(vocabulary);
  Index alone = 0;
  for (Index sentence = 0; sentence < sentences; ++sentence) {
    auto stepper = std::make_unique<TableStepper>(table, vocabulary, std::vector<Index>{sentence});
    const TableStepper& fed = *stepper;
    BeamSearch search(std::move(stepper), options);
    while (search.step()) {
    }
    EXPECT_LE(fed.fed_rows(), 1 + (fed.steps() - 1) * options.beams);
    alone += fed.fed_rows();
  }
  auto stepper = std::make_unique<TableStepper>(table, vocabulary, numbered(sentences));
  const TableStepper& fed = *stepper;
  BeamSearch search(std::move(stepper), options);
  while (search.step()) {
  }
  EXPECT_EQ(fed.fed_rows(), alone);
}

TEST(BeamSearch, GathersTheAttentionOfTheHypothesis) {
  constexpr Index vocabulary = 20;
  SearchOptions options = options_for(vocabulary);
  options.beams = options.n_best = 5;
  options.attention = true;
  options.prefix = {4, 7};
  const auto search = finished_search(hashed_table(vocabulary), vocabulary, numbered(3), options);
  for (Index sentence = 0; sentence < 3; ++sentence) {
    const auto results = search->results(sentence);
    for (size_t rank = 0; rank < results.size(); ++rank) {
      const Ids& ids = results[rank].ids;
      const auto steps = static_cast<Index>(ids.size());
      const auto attention = search->attention(sentence, static_cast<Index>(rank));
      const Index layers = TableStepper::layers, heads = TableStepper::heads,
                  sources = TableStepper::source_pieces;
      ASSERT_EQ(attention.cross.shape(), (Shape{layers, heads, steps, sources}));
      ASSERT_EQ(attention.decoder.shape(), (Shape{layers, heads, steps, steps}));

      const float* cross = attention.cross.data();
      const float* decoder = attention.decoder.data();
      Ids fed{options.decoder_start};
      fed.insert(fed.end(), ids.begin(), ids.end() - 1);
      for (Index layer = 0; layer < layers; ++layer) {
        for (Index head = 0; head < heads; ++head) {
          for (Index row = 0; row < steps; ++row) {
            const Ids so_far(fed.begin(), fed.begin() + row + 1);
            for (Index s = 0; s < sources; ++s) {
              EXPECT_EQ(*cross++, cross_mark(sentence, so_far, layer, head, s));
            }
            for (Index key = 0; key < steps; ++key) {
              const Id token = fed[static_cast<size_t>(key)];
              const auto mark = static_cast<float>(1000 * layer + 100 * head + token);
              EXPECT_EQ(*decoder++, key <= row ? mark : 0);
            }
          }
        }
      }
    }
  }
}

TEST(BeamSearch, BeginsWithThePrefixAndScoresWhatFollows) {
  constexpr Index vocabulary = 24;
  const Table table = hashed_table(vocabulary);
  SearchOptions options = options_for(vocabulary);
  options.prefix = {3, 17, 5};
  const auto search = finished_search(table, vocabulary, numbered(4), options);
  for (Index sentence = 0; sentence < 4; ++sentence) {
    const Hypothesis best = search->results(sentence)[0];
    EXPECT_EQ(Ids(best.ids.begin(), best.ids.begin() + 3), options.prefix);
    const auto& terms = best.log_probabilities;
    const float sum = std::accumulate(terms.begin() + 3, terms.end(), 0.0f);
    EXPECT_NEAR(best.score, sum / static_cast<float>(terms.size() - 3), tolerance);
    // what the prefix itself would have scored is told, though it does not count
    const auto row = log_softmax_reference(table(sentence, {options.decoder_start, 3}));
    EXPECT_NEAR(terms[1], row[17], tolerance);
  }
}

TEST(BeamSearch, ShowsWhereItIs) {
  constexpr Index vocabulary = 24;
  const SearchOptions options = options_for(vocabulary);
  BeamSearch search(
      std::make_unique<TableStepper>(hashed_table(vocabulary), vocabulary, numbered(1)), options);
  EXPECT_TRUE(search.partial(0).empty());
  EXPECT_THROW(search.results(0), ValueError);
  Index steps = 0;
  while (search.step()) EXPECT_EQ(static_cast<Index>(search.partial(0).size()), ++steps);
  EXPECT_EQ(search.partial(0), search.results(0)[0].ids);
  EXPECT_FALSE(search.step());
  EXPECT_EQ(search.results(0).size(), 1u);  // n_best
  EXPECT_THROW(search.results(1), ValueError);
  EXPECT_THROW(search.partial(-1), ValueError);
  EXPECT_THROW(search.attention(0), ValueError);  // not asked for
}

TEST(BeamSearch, IsOverWhenNothingCanFollow) {
  const Table broken = [](Index, const Ids& tokens) {
    const float logit = tokens.size() < 3 ? 0 : std::numeric_limits<float>::quiet_NaN();
    return std::vector<float>{logit - 9, logit, logit};
  };
  BeamSearch search(std::make_unique<TableStepper>(broken, 3, numbered(1)), options_for(3));
  EXPECT_TRUE(search.step());
  EXPECT_TRUE(search.step());
  EXPECT_THROW(search.step(), ValueError);
  EXPECT_FALSE(search.step());
}

}  // namespace
}  // namespace regard::decoding
