// SPDX-License-Identifier: MIT
#include "tensor/parallel.h"

#include <algorithm>

#ifndef __EMSCRIPTEN__
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>
#endif

namespace regard {

#ifdef __EMSCRIPTEN__

int thread_count() noexcept { return 1; }
void set_thread_count(int) {}
void run_ranges(Index count, Index, const RangeBody& body) {
  if (count > 0) body(0, count);
}

#else

namespace {

// Workers that sleep between loops; the caller takes its share of the ranges as well.
class Pool {
 public:
  ~Pool() { resize(1); }

  int size() const noexcept { return static_cast<int>(workers_.size()) + 1; }

  void resize(int count) {
    {
      std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    wake_.notify_all();
    for (auto& worker : workers_) worker.join();
    workers_.clear();
    stopping_ = false;
    for (int i = 1; i < count; ++i) {
      workers_.emplace_back([this, seen = generation_.load()]() mutable { work(seen); });
    }
  }

  void run(Index count, Index chunk, const RangeBody& body) {
    body_ = &body;
    count_ = count;
    chunk_ = chunk;
    next_ = 0;
    busy_ = static_cast<int>(workers_.size());
    {
      std::lock_guard lock(mutex_);
      ++generation_;
    }
    wake_.notify_all();

    take_ranges();
    // Loops follow each other closely: spinning for the last range beats sleeping.
    while (busy_.load(std::memory_order_acquire) != 0) std::this_thread::yield();
  }

 private:
  void work(uint64_t seen) {
    for (;;) {
      for (int spin = 0; spin < 2000 && generation_.load() == seen && !stopping_; ++spin) {
        std::this_thread::yield();
      }
      if (generation_.load() == seen) {
        std::unique_lock lock(mutex_);
        wake_.wait(lock, [&] { return generation_.load() != seen || stopping_; });
        if (generation_.load() == seen) return;
      }
      ++seen;
      take_ranges();
      busy_.fetch_sub(1, std::memory_order_release);
    }
  }

  void take_ranges() {
    for (;;) {
      const Index begin = next_.fetch_add(chunk_);
      if (begin >= count_) return;
      (*body_)(begin, std::min(begin + chunk_, count_));
    }
  }

  std::vector<std::thread> workers_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::atomic<uint64_t> generation_{0};
  std::atomic<bool> stopping_{false};
  std::atomic<int> busy_{0};
  std::atomic<Index> next_{0};
  const RangeBody* body_ = nullptr;
  Index count_ = 0;
  Index chunk_ = 1;
};

Pool& pool() {
  static Pool pool;
  return pool;
}

thread_local bool inside_loop = false;

}  // namespace

int thread_count() noexcept { return pool().size(); }

void set_thread_count(int count) { pool().resize(std::max(count, 1)); }

void run_ranges(Index count, Index grain, const RangeBody& body) {
  if (count <= 0) return;
  grain = std::max<Index>(grain, 1);
  if (inside_loop || count <= grain || pool().size() == 1) {
    body(0, count);
    return;
  }

  // About four ranges a thread even out ranges of unequal cost.
  const Index chunk = std::max(grain, count / (4 * pool().size()) + 1);
  const auto marked = [&](Index begin, Index end) {
    inside_loop = true;
    body(begin, end);
    inside_loop = false;
  };
  pool().run(count, chunk, RangeBody(marked));
}

#endif

}  // namespace regard
