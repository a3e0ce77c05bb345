// SPDX-License-Identifier: MIT
#include "tensor/parallel.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

namespace regard {
namespace {

class ParallelTest : public ::testing::Test {
 protected:
  ~ParallelTest() override { set_thread_count(1); }
};

TEST_F(ParallelTest, EveryIndexIsVisitedOnce) {
  for (const int threads : {1, 2, 3}) {
    set_thread_count(threads);
    EXPECT_EQ(thread_count(), threads);
    for (const Index count : {0, 1, 2, 7, 100, 1000}) {
      for (const Index grain : {0, 1, 3, 64, 5000}) {
        std::vector<std::atomic<int>> visits(static_cast<size_t>(count));
        parallel_for(count, grain, [&](Index begin, Index end) {
          for (Index i = begin; i < end; ++i) ++visits[static_cast<size_t>(i)];
        });
        for (const auto& visited : visits) ASSERT_EQ(visited, 1);
      }
    }
  }
}

TEST_F(ParallelTest, RangesAreAsLongAsTheGrain) {
  set_thread_count(3);
  std::atomic<int> ranges = 0;
  parallel_for(100, 40, [&](Index begin, Index end) {
    ++ranges;
    EXPECT_TRUE(end - begin >= 40 || end == 100);
  });
  EXPECT_GT(ranges, 1);
  EXPECT_LE(ranges, 3);
}

TEST_F(ParallelTest, ALoopInsideALoopRunsInPlace) {
  set_thread_count(2);
  std::atomic<int> total = 0;
  parallel_for(8, 1, [&](Index begin, Index end) {
    for (Index i = begin; i < end; ++i) {
      parallel_for(10, 1, [&](Index from, Index to) { total += static_cast<int>(to - from); });
    }
  });
  EXPECT_EQ(total, 80);
}

TEST_F(ParallelTest, ManyShortLoopsAllFinish) {
  for (const int threads : {2, 3, 1, 2}) {
    set_thread_count(threads);
    for (int round = 0; round < 300; ++round) {
      std::atomic<int> total = 0;
      parallel_for(10, 1, [&](Index begin, Index end) { total += static_cast<int>(end - begin); });
      ASSERT_EQ(total, 10);
    }
  }
}

TEST_F(ParallelTest, OneTo64ThreadsArePossible) {
  set_thread_count(0);
  EXPECT_EQ(thread_count(), 1);
  set_thread_count(1000);
  EXPECT_EQ(thread_count(), 64);
}

TEST_F(ParallelTest, EachThreadHasAsManyRanges) {
  set_thread_count(3);
  for (const Index count : {2, 3, 5, 7, 11, 23, 24, 1000}) {
    std::atomic<int> ranges = 0;
    parallel_for(count, 1, [&](Index, Index) { ++ranges; });
    EXPECT_LE(ranges, 24) << count;
    EXPECT_GE(ranges, std::min<Index>(count, 3)) << count;
  }
}

TEST_F(ParallelTest, TwoLoopsAtOnceBothFinish) {
  set_thread_count(2);
  std::atomic<int> total = 0;
  const auto loops = [&] {
    for (int round = 0; round < 2000; ++round) {
      parallel_for(40, 1, [&](Index begin, Index end) { total += static_cast<int>(end - begin); });
    }
  };
  std::thread other(loops);
  loops();
  other.join();
  EXPECT_EQ(total, 2 * 2000 * 40);
}

}  // namespace
}  // namespace regard
