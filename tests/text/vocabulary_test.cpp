// SPDX-License-Identifier: MIT
#include "text/vocabulary.h"

#include <gtest/gtest.h>

#include "tensor/error.h"
#include "thrown.h"

namespace regard::text {
namespace {

Vocabulary read(std::string_view json) {
  return Vocabulary::read(io::bytes_of(json), "vocab.json");
}

std::string complaint(std::string_view json) {
  return thrown<FormatError>([&] { read(json); });
}

TEST(VocabularyTest, FindsTokensByIdAndIdsByToken) {
  const Vocabulary vocabulary = read(R"({"b": 1, "▁a": 0, "": 2, "\u4f60": 3})");
  EXPECT_EQ(vocabulary.size(), 4);
  EXPECT_EQ(vocabulary[0], "▁a");
  EXPECT_EQ(vocabulary[3], "你");
  EXPECT_EQ(vocabulary.find("b"), 1);
  EXPECT_EQ(vocabulary.find(""), 2);
  EXPECT_EQ(vocabulary.find("▁"), -1);
  EXPECT_EQ(vocabulary.find("c"), -1);
}

TEST(VocabularyTest, RefusesGapsAndDuplicates) {
  EXPECT_EQ(complaint(R"({"a": 0, "b": 2})"),
            "vocab.json: the id of \"b\" is 2, expected 0 … 1, as there are 2 tokens");
  EXPECT_EQ(complaint(R"({"a": -1})"),
            "vocab.json: the id of \"a\" is -1, expected 0 … 0, as there are 1 tokens");
  EXPECT_EQ(complaint(R"({"a": 0, "b": 0})"),
            "vocab.json: the id of \"b\" is 0, as is that of \"a\"");
  EXPECT_TRUE(complaint(R"({"a": 0, "a": 1})").starts_with("vocab.json: "));
  EXPECT_TRUE(complaint(R"({"a": 9223372036854775807})").starts_with("vocab.json: "));
}

TEST(VocabularyTest, RefusesWhatIsNoObjectOfIds) {
  for (const char* json : {"", "[]", "3", R"({"a": "0"})", R"({"a": 0.5})", R"({"a": 0)"}) {
    EXPECT_TRUE(complaint(json).starts_with("vocab.json")) << json;
  }
}

}  // namespace
}  // namespace regard::text
