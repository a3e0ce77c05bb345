// SPDX-License-Identifier: MIT
#include "cli/faults.h"

#include <gtest/gtest.h>

namespace regard::cli {
namespace {

TEST(Faults, AreCountedByKindTheMostFrequentFirst) {
  Faults faults;
  faults.add("with a tab", "a.en:3");
  for (int line = 1; line <= 7; ++line) faults.add("empty", "a.zh:" + std::to_string(line));
  EXPECT_EQ(faults.count(), 8);
  EXPECT_EQ(faults.summary(),
            "7 empty: a.zh:1, a.zh:2, a.zh:3, a.zh:4, a.zh:5, …\n"
            "1 with a tab: a.en:3");
}

TEST(Faults, OfManyKindsAreCountedToo) {
  Faults faults;
  for (int kind = 0; kind < 15; ++kind) faults.add("kind " + std::to_string(kind), "here");
  EXPECT_TRUE(faults.summary().starts_with("1 kind 0: here\n1 kind 1: here\n"));
  EXPECT_TRUE(faults.summary().ends_with("1 kind 11: here\nand 3 of 3 other kinds"));
}

}  // namespace
}  // namespace regard::cli
