// SPDX-License-Identifier: MIT
#include "text/normalizer.h"

#include <gtest/gtest.h>

namespace regard::text {
namespace {

using Origins = std::vector<Index>;

NormalizedText normalize(std::string_view text, Normalizer::Options options,
                         const PieceTrie& verbatim = {}) {
  return Normalizer(CharacterMap(), options).normalize(text, verbatim);
}

TEST(NormalizerTest, PutsAMarkForSpacesAndOneInFront) {
  const auto [text, origin] = normalize("  a  b ", {});
  EXPECT_EQ(text, "▁a▁b");
  EXPECT_EQ(origin, (Origins{2, 2, 2, 2, 3, 3, 3, 5, 6}));
}

TEST(NormalizerTest, KeepsSpacesOnRequest) {
  const auto [text, origin] = normalize(
      " a ",
      {.add_dummy_prefix = false, .remove_extra_whitespaces = false, .escape_whitespaces = false});
  EXPECT_EQ(text, " a ");
  EXPECT_EQ(origin, (Origins{0, 1, 2, 3}));
}

TEST(NormalizerTest, PutsTheMarkAtTheEndOnRequest) {
  const auto [text, origin] = normalize("a b", {.space_last = true});
  EXPECT_EQ(text, "a▁b▁");
  EXPECT_EQ(origin, (Origins{0, 1, 1, 1, 2, 3, 3, 3, 3}));
}

TEST(NormalizerTest, ReplacesEachByteThatIsNoCharacter) {
  const auto [text, origin] = normalize("\xE4\xBD", {.add_dummy_prefix = false});
  EXPECT_EQ(text, "\uFFFD\uFFFD");
  EXPECT_EQ(origin, (Origins{0, 0, 0, 1, 1, 1, 2}));
}

TEST(NormalizerTest, LeavesUserDefinedPiecesAsTheyAre) {
  const PieceTrie verbatim({{"\xFFx", 0}, {"\xFF", 1}});
  EXPECT_EQ(normalize("\xFFx\xFF", {.add_dummy_prefix = false}, verbatim).text, "\xFFx\xFF");
}

TEST(NormalizerTest, MakesNothingOfSpaces) {
  EXPECT_EQ(normalize("", {}).text, "");
  EXPECT_EQ(normalize("   ", {}).text, "");
  EXPECT_TRUE(normalize("   ", {}).origin.empty());
}

}  // namespace
}  // namespace regard::text
