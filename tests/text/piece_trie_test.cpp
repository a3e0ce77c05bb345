// SPDX-License-Identifier: MIT
#include "text/piece_trie.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <string>

namespace regard::text {
namespace {

TEST(PieceTrieTest, FindsNothingWhenEmpty) {
  const PieceTrie trie;
  EXPECT_TRUE(trie.empty());
  EXPECT_EQ(trie.find(""), -1);
  EXPECT_EQ(trie.find("a"), -1);
  EXPECT_EQ(trie.longest_prefix("abc"), 0);
}

TEST(PieceTrieTest, AgreesWithAMap) {
  std::mt19937 random(1);
  // few letters make shared prefixes, all bytes make nodes with many children
  for (const unsigned letters : {2u, 5u, 256u}) {
    const auto word = [&] {
      std::string text(1 + random() % 6, ' ');
      for (char& byte : text) byte = static_cast<char>(random() % letters);
      return text;
    };
    std::map<std::string, Id> map;
    for (Id id = 0; id < 2000; ++id) map.emplace(word(), id);
    const PieceTrie trie({map.begin(), map.end()});

    for (const auto& [text, id] : map) ASSERT_EQ(trie.find(text), id);
    for (int i = 0; i < 5000; ++i) {
      const std::string text = word();
      const auto found = map.find(text);
      ASSERT_EQ(trie.find(text), found == map.end() ? -1 : found->second);

      Index longest = 0;
      for (size_t size = 1; size <= text.size(); ++size) {
        if (map.count(text.substr(0, size))) longest = static_cast<Index>(size);
      }
      ASSERT_EQ(trie.longest_prefix(text), longest);
    }
  }
}

}  // namespace
}  // namespace regard::text
