// SPDX-License-Identifier: MIT
#include "evaluation/tokenization.h"

#include <gtest/gtest.h>

#include "scores_golden.h"

namespace regard::evaluation {
namespace {

using Words = std::vector<std::string>;

constexpr Tokenization all[] = {Tokenization::none, Tokenization::character, Tokenization::v13a,
                                Tokenization::zh};

TEST(Tokenization, CutsAsSacreBleuDoes) {
  const ScoresGolden golden;
  ASSERT_GT(golden.words().size(), 300u);
  for (const io::Json& line : golden.words()) {
    const io::Fields fields(line, "words");
    const std::string text = fields.text("text");
    for (const Tokenization tokenization : all) {
      EXPECT_EQ(tokenize(text, tokenization), ScoresGolden::texts(fields.value(name(tokenization))))
          << name(tokenization) << " of " << text;
    }
  }
}

TEST(Tokenization, GoesByTheLanguage) {
  EXPECT_EQ(usual_tokenization("zh"), Tokenization::zh);
  EXPECT_EQ(usual_tokenization("en"), Tokenization::v13a);
  EXPECT_EQ(usual_tokenization("fr"), Tokenization::v13a);
}

// Python's texts cannot hold them, so this has no golden answer: nothing is lost, nothing read
// past.
TEST(Tokenization, KeepsBytesThatAreNoCharacters) {
  const std::string broken =
      "a\xE6\xB1 \xFF"
      "b";
  EXPECT_EQ(tokenize(broken, Tokenization::v13a), (Words{"a\xE6\xB1",
                                                         "\xFF"
                                                         "b"}));
  EXPECT_EQ(tokenize(broken, Tokenization::zh), (Words{"a\xE6\xB1",
                                                       "\xFF"
                                                       "b"}));
  EXPECT_EQ(tokenize(broken, Tokenization::character), (Words{"a", "\xE6", "\xB1", "\xFF", "b"}));
  EXPECT_EQ(characters(broken), (std::u32string{'a', 0xFFFD, 0xFFFD, 0xFFFD, 'b'}));
}

}  // namespace
}  // namespace regard::evaluation
