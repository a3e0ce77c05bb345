// SPDX-License-Identifier: MIT
#include "evaluation/table.h"

#include <gtest/gtest.h>

#include "thrown.h"

namespace regard::evaluation {
namespace {

using Cells = std::vector<std::string>;

std::vector<Row> read(std::string_view text) { return read_table(io::bytes_of(text), "x.tsv"); }

TEST(Table, CutsLinesAtTabs) {
  const auto rows = read(
      "\xEF\xBB\xBF"
      "a\tb c\r\n\nd\t\te");
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_EQ(rows[0].cells, (Cells{"a", "b c"}));
  EXPECT_EQ(rows[1].cells, (Cells{""}));
  EXPECT_EQ(rows[2].cells, (Cells{"d", "", "e"}));
  EXPECT_EQ(rows[2].line, 3);
  EXPECT_TRUE(read("").empty());
  EXPECT_EQ(read("a\n").size(), 1u);
}

TEST(Table, NamesTheLineOfWhatIsNoText) {
  EXPECT_EQ(thrown<FormatError>([] { read("good\nbad \xE6\xB1\n"); }), "x.tsv:2: is no UTF-8");
  EXPECT_EQ(thrown<FormatError>([] { read(std::string_view("a\0b", 3)); }),
            "x.tsv:1: holds NUL, as UTF-16 does");
  EXPECT_EQ(thrown<FormatError>([] { read("\xFF\xFE"); }), "x.tsv:1: is UTF-16, expected UTF-8");
}

}  // namespace
}  // namespace regard::evaluation
