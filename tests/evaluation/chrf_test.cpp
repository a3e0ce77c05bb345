// SPDX-License-Identifier: MIT
#include "evaluation/chrf.h"

#include <gtest/gtest.h>

#include "scores_golden.h"
#include "thrown.h"

namespace regard::evaluation {
namespace {

using Texts = std::vector<std::string>;

TEST(Chrf, IsSacreBleus) {
  const ScoresGolden golden;
  ASSERT_GT(golden.corpora().size(), 10u);
  for (const io::Json& corpus : golden.corpora()) {
    const io::Fields fields(corpus, "corpus");
    const Texts hypotheses = ScoresGolden::texts(fields.value("hypotheses"));
    const Texts references = ScoresGolden::texts(fields.value("references"));
    const auto& expected = fields.value("chrf").items("chrf");
    for (const int order : {0, 1, 2}) {
      EXPECT_NEAR(chrf(hypotheses, references, {.word_order = order}),
                  expected[static_cast<size_t>(order)].number("chrf"), 100 * same)
          << fields.text("name") << ", words " << order;
    }
  }
}

// By hand, of "abc" in "abcd": all runs of 1 to 3 stand there, 3 of 4, 2 of 3 and 1 of 2 the other
// way round; there is no run of 4 in the hypothesis.
TEST(Chrf, IsWhatItsFormulaSays) {
  const double recall = (3.0 / 4 + 2.0 / 3 + 1.0 / 2) / 3;
  EXPECT_NEAR(chrf(Texts{"a bc"}, Texts{"abcd"}), 100 * 5 * recall / (4 + recall), 100 * same);
}

TEST(Chrf, RefusesWhatItCannotCount) {
  EXPECT_EQ(thrown<ValueError>([] { chrf(Texts{"a"}, Texts{}); }),
            "chrf: 1 hypotheses, expected one for each of 0 references");
  EXPECT_EQ(thrown<ValueError>([] { chrf(Texts{}, Texts{}, {.word_order = -1}); }),
            "chrf: the word order is -1, expected 0 or more");
}

}  // namespace
}  // namespace regard::evaluation
