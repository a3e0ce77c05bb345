// SPDX-License-Identifier: MIT
#include "training/noise.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace regard::training {
namespace {

constexpr Id end = 0, unknown = 1, pad = 99;

Ids counted(Id count) {
  Ids ids;
  for (Id id = 0; id < count; ++id) ids.push_back(10 + id);
  ids.push_back(end);
  return ids;
}

// How many of 20,000 pieces something happened to; a standard deviation is at most 71.
constexpr Id pieces = 20'000;

TEST(Noise, DropsAndMasksAtItsRates) {
  Random random(3);
  const Ids source = counted(pieces);
  const Ids dropped = with_noise(source, {.drop = 0.1f}, unknown, random);
  EXPECT_NEAR(static_cast<double>(source.size() - dropped.size()), 0.1 * pieces, 300);
  EXPECT_TRUE(std::is_sorted(dropped.begin(), dropped.end() - 1));
  EXPECT_EQ(dropped.back(), end);

  const Ids masked = with_noise(source, {.mask = 0.2f}, unknown, random);
  EXPECT_EQ(masked.size(), source.size());
  EXPECT_NEAR(static_cast<double>(std::count(masked.begin(), masked.end(), unknown)), 0.2 * pieces,
              300);
}

TEST(Noise, SwapsNeighboursAndLosesNothing) {
  Random random(4);
  const Ids source = counted(pieces);
  Ids swapped = with_noise(source, {.swap = 0.1f}, unknown, random);
  EXPECT_EQ(swapped.back(), end);
  Id moved = 0;
  for (size_t i = 0; i < source.size(); ++i) {
    EXPECT_LE(std::abs(swapped[i] - source[i]), 1);
    moved += swapped[i] != source[i];
  }
  // each swap moves two, and a piece that was moved is passed over: 2 · 0.1 / 1.1
  EXPECT_NEAR(moved, pieces * 0.2 / 1.1, 300);
  std::sort(swapped.begin(), swapped.end() - 1);
  EXPECT_EQ(swapped, source);
}

TEST(Noise, LeavesSomethingAndTheEnd) {
  Random random(5);
  for (int i = 0; i < 100; ++i) {
    const Ids noisy = with_noise({10, 11, end}, {.drop = 0.99f}, unknown, random);
    EXPECT_GE(noisy.size(), 2u);
    EXPECT_EQ(noisy.back(), end);
  }
}

TEST(Noise, MasksWhatTheDecoderIsGivenOnly) {
  Random random(6);
  const std::vector<Pair> pairs = {{counted(2), counted(2000)}, {counted(2), counted(500)}};
  const Batch plain = make_batch(pairs, {0, 1}, pad, 98);
  Batch masked = plain;
  mask_input(masked, {.target_mask = 0.5f}, unknown, pad, random);
  EXPECT_EQ(masked.target_output, plain.target_output);
  EXPECT_EQ(masked.source, plain.source);
  Id changed = 0;
  const size_t L = 2001;
  for (size_t i = 0; i < plain.target_input.size(); ++i) {
    if (masked.target_input[i] == plain.target_input[i]) continue;
    ++changed;
    EXPECT_EQ(masked.target_input[i], unknown);
    EXPECT_NE(plain.target_input[i], pad);
    EXPECT_NE(i % L, 0u);
  }
  EXPECT_NEAR(changed, 1250, 125);  // of 2,500; five standard deviations
}

}  // namespace
}  // namespace regard::training
