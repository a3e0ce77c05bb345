// SPDX-License-Identifier: MIT
#include "tensor/thread_pool.h"

#include <gtest/gtest.h>

#include <chrono>
#include <thread>
#include <vector>

namespace regard {
namespace {

using namespace std::chrono_literals;

// Threads that work for a pool, and leave it at the end.
class Crew {
 public:
  Crew(ThreadPool& pool, int count) : pool_(pool) {
    for (int i = 0; i < count; ++i) threads_.emplace_back([&] { pool_.work(); });
  }
  ~Crew() {
    pool_.end();
    for (auto& thread : threads_) thread.join();
  }

 private:
  ThreadPool& pool_;
  std::vector<std::thread> threads_;
};

// Runs `loops` loops of `count` ranges and expects that each range is taken once.
void expect_loops(ThreadPool& pool, int loops, Index count, bool wakes) {
  std::vector<int> visits(static_cast<size_t>(count));
  const auto body = [&](Index begin, Index end) {
    for (Index i = begin; i < end; ++i) ++visits[static_cast<size_t>(i)];
  };
  for (int loop = 1; loop <= loops; ++loop) {
    pool.run(count, 1, RangeBody(body), wakes);
    for (const int visited : visits) ASSERT_EQ(visited, loop);
  }
}

TEST(ThreadPoolTest, ALoopNeedsNobodyElse) {
  ThreadPool pool;
  expect_loops(pool, 3, 5, true);
}

TEST(ThreadPoolTest, ThreadsMayComeAtAnyTime) {
  ThreadPool pool;
  expect_loops(pool, 10, 20, true);
  Crew early(pool, 1);
  expect_loops(pool, 1000, 20, true);
  Crew late(pool, 2);
  expect_loops(pool, 1000, 20, true);
}

TEST(ThreadPoolTest, ThreadsThatSleepAreWokenByLongLoops) {
  ThreadPool pool;
  Crew crew(pool, 1);
  // Whether the other thread comes to a loop that lasts until it does, or too long.
  const auto comes = [&](bool wakes, std::chrono::milliseconds patience) {
    std::atomic<bool> came = false;
    const auto caller = std::this_thread::get_id();
    const auto body = [&](Index, Index) {
      if (std::this_thread::get_id() != caller) came = true;
      const auto end = std::chrono::steady_clock::now() + patience;
      while (!came && std::chrono::steady_clock::now() < end) std::this_thread::yield();
    };
    pool.run(2, 1, RangeBody(body), wakes);
    return came.load();
  };
  // Awake at first; asleep as soon as it had its time on this machine.
  int tries = 0;
  while (comes(false, 50ms) && ++tries < 200) std::this_thread::sleep_for(100ms);
  EXPECT_LT(tries, 200);
  EXPECT_TRUE(comes(true, 20s));
}

TEST(ThreadPoolTest, ThreadsThatFallAsleepMissNothing) {
  ThreadPool pool;
  Crew crew(pool, 2);
  for (int pause = 0; pause < 300; pause += 7) {
    expect_loops(pool, 2, 8, pause % 2 == 0);
    std::this_thread::sleep_for(std::chrono::microseconds(pause));
  }
}

TEST(ThreadPoolTest, EndsWithoutALoop) {
  for (int round = 0; round < 100; ++round) {
    ThreadPool pool;
    Crew crew(pool, 2);
  }
}

TEST(ThreadPoolDeathTest, ALoopTrapsWhenAThreadBrokeInIt) {
  // As a Worker does whose instance trapped inside of the body.
  EXPECT_DEATH(
      {
        ThreadPool pool;
        std::atomic<bool> joined = false;
        std::thread broken([&] {
          std::atomic<uint32_t>& state = pool.state();
          for (uint32_t seen = state; !joined;) {
            seen = state;
            joined = (seen & 0x80) && state.compare_exchange_strong(seen, seen + 1);
          }
          pool.abandon();
        });
        const auto body = [&](Index, Index) {
          while (!joined) std::this_thread::yield();
        };
        pool.run(1, 1, RangeBody(body), true);
      },
      "");
}

}  // namespace
}  // namespace regard
