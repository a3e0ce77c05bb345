// SPDX-License-Identifier: MIT
#include "evaluation/bleu.h"

#include <gtest/gtest.h>

#include <cmath>

#include "scores_golden.h"
#include "thrown.h"

namespace regard::evaluation {
namespace {

using Texts = std::vector<std::string>;

TEST(Bleu, IsSacreBleus) {
  const ScoresGolden golden;
  ASSERT_GT(golden.corpora().size(), 10u);
  for (const io::Json& corpus : golden.corpora()) {
    const io::Fields fields(corpus, "corpus");
    const Texts hypotheses = ScoresGolden::texts(fields.value("hypotheses"));
    const Texts references = ScoresGolden::texts(fields.value("references"));
    for (const Tokenization tokenization :
         {Tokenization::none, Tokenization::character, Tokenization::v13a, Tokenization::zh}) {
      SCOPED_TRACE(fields.text("name") + ", " + name(tokenization));
      const io::Fields expected(io::Fields(fields.value("bleu"), "bleu").value(name(tokenization)),
                                "bleu");
      const Bleu found = bleu(hypotheses, references, tokenization);
      EXPECT_NEAR(found.score, expected.number("score"), 100 * same);
      EXPECT_NEAR(found.brevity_penalty, expected.number("penalty"), same);
      EXPECT_EQ(found.hypothesis_words, expected.whole("hypothesis"));
      EXPECT_EQ(found.reference_words, expected.whole("reference"));
      const auto& precisions = expected.value("precisions").items("precisions");
      for (size_t n = 0; n < 4; ++n) {
        EXPECT_NEAR(found.precisions[n], precisions[n].number("precision"), 100 * same) << n + 1;
      }
    }
  }
}

// By hand: 5 of 6 words, 3 of 5 pairs, 1 of 4 triples; no run of four, which counts as a half.
TEST(Bleu, IsWhatItsFormulaSays) {
  const Bleu found =
      bleu(Texts{"the cat sat on the mat"}, Texts{"the cat is on the mat now"}, Tokenization::none);
  EXPECT_DOUBLE_EQ(found.precisions[0], 100.0 * 5 / 6);
  EXPECT_DOUBLE_EQ(found.precisions[1], 100.0 * 3 / 5);
  EXPECT_DOUBLE_EQ(found.precisions[2], 100.0 * 1 / 4);
  EXPECT_DOUBLE_EQ(found.precisions[3], 100.0 * 0.5 / 3);
  EXPECT_DOUBLE_EQ(found.brevity_penalty, std::exp(1 - 7.0 / 6));
  const double product = 5.0 / 6 * 3 / 5 * 1 / 4 * 0.5 / 3;
  EXPECT_NEAR(found.score, 100 * std::exp(1 - 7.0 / 6) * std::pow(product, 0.25), 100 * same);
}

TEST(Bleu, WantsAReferenceForEachHypothesis) {
  EXPECT_EQ(thrown<ValueError>([] { bleu(Texts{"a", "b", "c"}, Texts{"a", "b"}, {}); }),
            "bleu: 3 hypotheses, expected one for each of 2 references");
}

}  // namespace
}  // namespace regard::evaluation
