// SPDX-License-Identifier: MIT
#include "tensor/parallel.h"

#include <algorithm>
#include <atomic>

#include "tensor/thread_pool.h"

#ifndef __EMSCRIPTEN__
#include <thread>
#include <vector>
#endif

namespace regard {

namespace {

ThreadPool pool;
int threads = 1;
// Whether a loop runs: one that begins meanwhile, from inside of it or by another thread, keeps to
// the thread that it is on.
std::atomic<bool> running = false;

// Ranges for each thread: enough to even out those of unequal cost, as rows of a causal mask are,
// or threads that begin late; each costs a tenth of a microsecond.
constexpr Index ranges_per_thread = 8;

// From how many grains on a loop is worth waking threads for, which takes the caller some 10 µs and
// them 20; shorter ones are shared with those that are awake still from the loop before.
constexpr Index worth_waking = 16;

#ifdef __EMSCRIPTEN__

// The threads are Workers, which JavaScript starts: see bindings/embind/threads.cpp.
void start_threads(int) {}

#else

class Threads {
 public:
  ~Threads() { start(1); }

  void start(int count) {
    pool.end();
    for (auto& thread : threads_) thread.join();
    threads_.clear();
    pool.reset();
    for (int i = 1; i < count; ++i) threads_.emplace_back([] { pool.work(); });
  }

 private:
  std::vector<std::thread> threads_;
};

void start_threads(int count) {
  static Threads started;
  started.start(count);
}

#endif

}  // namespace

ThreadPool& thread_pool() noexcept { return pool; }

int thread_count() noexcept { return threads; }

void set_thread_count(int count) {
  threads = std::clamp(count, 1, 64);
  start_threads(threads);
}

void run_ranges(Index count, Index grain, const RangeBody& body) {
  if (count <= 0) return;
  const Index grains = count / std::max<Index>(grain, 1);
  if (threads == 1 || grains < 2 || running.exchange(true, std::memory_order_acquire)) {
    body(0, count);
    return;
  }
  // as many for each thread, or the last one would be waited for
  Index ranges = std::min(grains, ranges_per_thread * threads);
  if (ranges > threads) ranges -= ranges % threads;
  pool.run(count, (count + ranges - 1) / ranges, body, grain <= 1 || grains >= worth_waking);
  running.store(false, std::memory_order_release);
}

}  // namespace regard
