// SPDX-License-Identifier: MIT
#include "decoding/influence.h"

#include <gtest/gtest.h>

#include <numeric>

#include "attention/measures.h"
#include "decoding/greedy_search.h"
#include "decoding/random_model.h"
#include "decoding/translator.h"
#include "thrown.h"

namespace regard::decoding {
namespace {

// Sums of log-probabilities below 64, found once by a forward pass and once by a search.
constexpr float score_tolerance = 1e-3f;

const Translator& translator() {
  static const Translator shared(random_model(0.3));
  return shared;
}

const std::string source = "The weather is nice today.";

Ids target_ids() {
  Ids ids;
  for (const auto& piece : translator().model().tokenizer.encode_target("汤姆在跑。").pieces) {
    ids.push_back(piece.id);
  }
  return ids;
}

// The log-probability of the target after source ids, by following it step by step.
double followed(const Ids& ids) {
  const models::MarianModel& model = translator().model();
  GreedySearch search(model.transformer.start(model.transformer.encode({ids})),
                      usual_options(model.generation), {target_ids()});
  while (search.step()) {
  }
  const auto terms = search.results(0)[0].log_probabilities;
  return std::accumulate(terms.begin(), terms.end(), 0.0);
}

TEST(Influence, IsWhatTheTargetLosesWithEachPiece) {
  Influence influence = translator().influence(source, target_ids());
  EXPECT_EQ(thrown<ValueError>([&] { influence.agreement(); }),
            "influence: not all pieces were left out yet");
  Index steps = 1;
  while (influence.step()) ++steps;
  EXPECT_FALSE(influence.step());
  const Ids ids = influence.source().ids();
  ASSERT_EQ(steps, std::ssize(ids));

  const double whole = followed(ids);
  EXPECT_NEAR(influence.log_probability(), whole, score_tolerance);
  for (Index s = 0; s < steps; ++s) {
    Ids rest = ids;
    rest.erase(rest.begin() + s);
    EXPECT_NEAR(influence.influence().data()[s], whole - followed(rest), score_tolerance) << s;
  }
  EXPECT_EQ(influence.agreement(),
            attention::kendall_tau(influence.influence().values(), influence.attention().values()));
}

TEST(Influence, StandsBesideTheMeanOfAllCrossAttention) {
  const Influence influence = translator().influence(source, target_ids());
  TranslationSearch search =
      translator().start({source}, {.target = "汤姆在跑。", .attention = true});
  while (search.step()) {
  }
  const Tensor expected = attention::received(search.result(0).attention->cross);
  ASSERT_EQ(influence.attention().shape(), expected.shape());
  for (Index s = 0; s < expected.count(); ++s) {
    EXPECT_NEAR(influence.attention().data()[s], expected.data()[s], 1e-5f);
  }
}

TEST(Influence, OfNothingIsRefused) {
  EXPECT_EQ(thrown<ValueError>([] { translator().influence(" ", target_ids()); }),
            "influence: the source is empty");
  EXPECT_EQ(thrown<ValueError>([] { translator().influence(source, {}); }),
            "trace: the target has 0 pieces, expected 1 to 24");
}

}  // namespace
}  // namespace regard::decoding
