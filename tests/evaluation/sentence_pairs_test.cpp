// SPDX-License-Identifier: MIT
#include "evaluation/sentence_pairs.h"

#include <gtest/gtest.h>

#include "thrown.h"

namespace regard::evaluation {
namespace {

using Texts = std::vector<std::string>;

const Languages to_chinese{"en", "zh"}, to_english{"zh", "en"};

SentencePairs read(std::string_view text, const Languages& languages = to_chinese) {
  return read_pairs(io::bytes_of(text), "x.tsv", languages);
}
SentencePairs read(std::string_view sources, std::string_view references) {
  return read_pairs(io::bytes_of(sources), "x.en", io::bytes_of(references), "x.zh");
}

TEST(SentencePairs, AreFoundByTheirHeader) {
  const char* table = "en\tzh\tattribution\nHi.\t嗨。\tme\nYes.\t对。\t\n";
  EXPECT_EQ(read(table).sources, (Texts{"Hi.", "Yes."}));
  EXPECT_EQ(read(table).references, (Texts{"嗨。", "对。"}));
  EXPECT_EQ(read(table).places, (Texts{"x.tsv:2", "x.tsv:3"}));
  EXPECT_EQ(read(table, to_english).sources, (Texts{"嗨。", "对。"}));
  EXPECT_EQ(read(table, to_english).references, (Texts{"Hi.", "Yes."}));
}

TEST(SentencePairs, AreTheFirstTwoColumnsWithoutOne) {
  EXPECT_EQ(read("Hi.\t嗨。\nYes.\t对。").sources, (Texts{"Hi.", "Yes."}));
  EXPECT_EQ(read("嗨。\tHi.", to_english).references, (Texts{"Hi."}));
}

TEST(SentencePairs, AreTwoFilesLineByLine) {
  const SentencePairs pairs = read("Hi.\nYes.\n", "嗨。\r\n对。\r\n");
  EXPECT_EQ(pairs.sources, (Texts{"Hi.", "Yes."}));
  EXPECT_EQ(pairs.references, (Texts{"嗨。", "对。"}));
  EXPECT_EQ(pairs.places, (Texts{"x.zh:1", "x.zh:2"}));
  EXPECT_EQ(thrown<FormatError>([] { read("Hi.\nYes.\n", "嗨。\n"); }), "x.en has 2 lines, x.zh 1");
  EXPECT_EQ(thrown<FormatError>([] { read("Hi.\nYes.\n", "嗨。\n\n"); }),
            "x.zh:2: the reference is empty");
  EXPECT_EQ(thrown<FormatError>([] { read("", ""); }), "x.en: there is no sentence");
}

TEST(SentencePairs, NameTheLineThatIsWrong) {
  EXPECT_EQ(thrown<FormatError>([] { read("en\tzh\nHi.\t嗨。\nYes.\n"); }),
            "x.tsv:3: 1 columns, expected at least 2, with tabs between");
  EXPECT_EQ(thrown<FormatError>([] { read("en\tzh\n \t嗨。\n"); }), "x.tsv:2: the source is empty");
  EXPECT_EQ(thrown<FormatError>([] { read("en\tzh\nHi.\t\xE3\x80\x80\n"); }),
            "x.tsv:2: the reference is empty");
  EXPECT_EQ(thrown<FormatError>([] { read("en\tfr\nHi.\tSalut.\n"); }),
            "x.tsv:1: the header names en and fr, expected a column zh");
  EXPECT_EQ(thrown<FormatError>([] { read("en\tzh\n"); }), "x.tsv: there is no pair of sentences");
}

}  // namespace
}  // namespace regard::evaluation
