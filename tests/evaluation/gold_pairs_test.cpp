// SPDX-License-Identifier: MIT
#include "evaluation/gold_pairs.h"

#include <gtest/gtest.h>

#include "io/file.h"
#include "thrown.h"

namespace regard::evaluation {
namespace {

const std::string header = "# by hand\nen\tzh\ten words\tzh words\tlinks\n";

std::vector<GoldPair> read(const std::string& text, const std::string& source = "en",
                           const std::string& target = "zh") {
  return read_gold_pairs(io::bytes_of(text), "x.tsv", source, target);
}

TEST(GoldPairs, AreReadForEitherDirection) {
  const std::string text =
      header + "Tom runs.\t汤姆跑。\tTom runs .\t汤姆 跑 。\t0-0 1-1 1?0 2-2\n";
  const GoldPair pair = read(text).at(0);
  EXPECT_EQ(pair.source.text, "Tom runs.");
  EXPECT_EQ(pair.target.spans, (std::vector<text::TextSpan>{{0, 6}, {6, 9}, {9, 12}}));
  EXPECT_EQ(pair.links.sure, (Links{{0, 0}, {1, 1}, {2, 2}}));
  EXPECT_EQ(pair.links.possible, (Links{{1, 0}}));

  const GoldPair back = read(text, "zh", "en").at(0);
  EXPECT_EQ(back.source.text, "汤姆跑。");
  EXPECT_EQ(back.links.possible, (Links{{0, 1}}));
}

TEST(GoldPairs, NameTheLineThatIsWrong) {
  const auto message = [](const std::string& line) {
    return thrown<FormatError>(
        [&] { read(header + "Yes.\t对。\tYes .\t对 。\t0-0 1-1\n" + line); });
  };
  EXPECT_EQ(message("Tom.\t汤姆。\tTom .\t汤姆 。"), "x.tsv:4: 4 columns, expected 5");
  EXPECT_EQ(message("Tom.\t汤姆。\tTom .\t汤 姆\t0-0"),
            "x.tsv:4: \"汤姆。\": the words leave out \"。\", at byte 6");
  EXPECT_EQ(message("Tom.\t汤姆。\tTom .\t汤姆 。\t0-0 2-1"),
            "x.tsv:4: the link 2-1 leads out of the sentence");
  EXPECT_EQ(message("Tom.\t汤姆。\tTom .\t汤姆 。\t0-0 0?0"), "x.tsv:4: the link 0?0 stands twice");
  for (const std::string link :
       {"0", "0-", "-0", "0-0-0", "0=0", "a-0", "0--1", "99999999999999999999-0"}) {
    EXPECT_EQ(message("Tom.\t汤姆。\tTom .\t汤姆 。\t" + link),
              "x.tsv:4: the link " + link + ", expected one like 0-2 or 3?1");
  }
}

TEST(GoldPairs, WantTheirHeader) {
  const std::string expected = "expected a header of five columns, ";
  EXPECT_EQ(thrown<FormatError>([] { read("# nothing else\n"); }), "x.tsv: there is no header");
  EXPECT_EQ(thrown<FormatError>([] { read(header); }), "x.tsv: there is no pair");
  EXPECT_EQ(thrown<FormatError>([] { read("en\tzh\n"); }),
            "x.tsv:1: " + expected + "en, zh, en words, zh words, links");
  EXPECT_EQ(thrown<FormatError>([] { read(header, "en", "fr"); }),
            "x.tsv:2: " + expected + "en, fr, en words, fr words, links");
}

TEST(GoldPairs, AreThoseOfTools) {
  const std::string path = REGARD_GOLDEN_DIR "/../../tools/gold.en-zh.tsv";
  const io::Bytes file = io::read_file(path);
  const auto pairs = read_gold_pairs(file, path, "en", "zh");
  ASSERT_EQ(pairs.size(), 100u);
  EXPECT_EQ(read_gold_pairs(file, path, "zh", "en").size(), 100u);
  for (const GoldPair& pair : pairs) {
    std::vector<bool> source(pair.source.words.size()), target(pair.target.words.size());
    for (const Links& links : {pair.links.sure, pair.links.possible}) {
      for (const Link& link : links) {
        source[static_cast<size_t>(link.source)] = target[static_cast<size_t>(link.target)] = true;
      }
    }
    for (size_t i = 0; i < source.size(); ++i) EXPECT_TRUE(source[i]) << pair.source.words[i];
    for (size_t i = 0; i < target.size(); ++i) EXPECT_TRUE(target[i]) << pair.target.words[i];
    EXPECT_GE(2 * pair.links.sure.size(), pair.target.words.size()) << pair.target.text;
  }
}

}  // namespace
}  // namespace regard::evaluation
