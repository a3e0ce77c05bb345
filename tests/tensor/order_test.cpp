// SPDX-License-Identifier: MIT
#include "tensor/order.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <utility>

#include "tensor/random.h"

namespace regard {
namespace {

TEST(Order, SortsAsTheStandardLibraryDoesAndKeepsTies) {
  Random random(3);
  for (size_t count = 0; count < 200; ++count) {
    std::vector<uint64_t> keys(count);
    for (uint64_t& key : keys) key = random.below(count / 3 + 1);
    std::vector<std::pair<uint64_t, size_t>> pairs;
    for (size_t i = 0; i < count; ++i) pairs.emplace_back(keys[i], i);
    std::sort(pairs.begin(), pairs.end());
    std::vector<size_t> expected;
    for (const auto& [key, i] : pairs) expected.push_back(i);
    const auto before = [&](size_t a, size_t b) { return keys[a] < keys[b]; };
    EXPECT_EQ(ordered(count, before), expected);
  }
}

}  // namespace
}  // namespace regard
