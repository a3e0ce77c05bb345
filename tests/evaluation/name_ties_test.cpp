// SPDX-License-Identifier: MIT
#include "evaluation/name_ties.h"

#include <gtest/gtest.h>

namespace regard::evaluation {
namespace {

using Spans = std::vector<text::TextSpan>;
using Flags = std::vector<bool>;

TEST(NameTies, FindANameThatIsAWord) {
  const NamedText found = find_name("Tom's Tommy, Tom2 Tom", "Tom");
  EXPECT_EQ(found.words, (Spans{{0, 3}, {3, 4}, {4, 5}, {6, 11}, {11, 12}, {13, 17}, {18, 21}}));
  EXPECT_EQ(found.named, (Flags{true, false, false, false, false, false, true}));
  EXPECT_FALSE(find_name("Atom", "Tom").has_name());
  EXPECT_FALSE(find_name("", "Tom").has_name());
}

TEST(NameTies, FindANameAmongCharacters) {
  const NamedText found = find_name("我和汤姆 OK。", "汤姆");
  EXPECT_EQ(found.words, (Spans{{0, 3}, {3, 6}, {6, 12}, {13, 15}, {15, 18}}));
  EXPECT_EQ(found.named, (Flags{false, false, true, false, false}));
  EXPECT_FALSE(find_name("汤和姆", "汤姆").has_name());
}

TEST(NameTies, WantEachOccurrenceTied) {
  const NamedText source = find_name("Tom and Tom", "Tom"),
                  target = find_name("汤姆和汤姆", "汤姆");
  EXPECT_TRUE(name_is_tied({{0, 0}, {1, 1}, {2, 2}}, source, target));
  EXPECT_TRUE(name_is_tied({{2, 0}, {1, 0}, {2, 2}}, source, target));
  EXPECT_FALSE(name_is_tied({{0, 0}, {1, 2}}, source, target));
  EXPECT_FALSE(name_is_tied({{0, 0}}, source, target));
}

}  // namespace
}  // namespace regard::evaluation
