// SPDX-License-Identifier: MIT
#include "tensor/thread_pool.h"

#include <algorithm>

#ifndef __EMSCRIPTEN__
#include <thread>
#endif

namespace regard {

namespace {

// The parts of the state. The number of a loop tells a thread that has done its share from one that
// has not begun; it only has to differ from the last one's.
constexpr uint32_t one_joined = 1, joined_mask = 0x7f, is_open = 0x80;
constexpr uint32_t next_loop = 0x100, loop_mask = 0x7fffff00;

// How often a thread looks for the next loop before it sleeps, in some 100 µs: longer than what a
// page does between two calls.
constexpr int looks = 1 << 17;

// After so many long loops it sleeps at once. Where a thread wakes the operating system places it
// anew, and some never move one that runs: two threads on one of two processors stayed there for
// seconds (a virtual machine that keeps its processors few).
constexpr int restless = 16;

#ifdef __EMSCRIPTEN__

void sleep_while(std::atomic<uint32_t>& word, uint32_t value) noexcept {
  __builtin_wasm_memory_atomic_wait32(reinterpret_cast<int*>(&word), static_cast<int>(value), -1);
}
void wake_all(std::atomic<uint32_t>& word) noexcept {
  __builtin_wasm_memory_atomic_notify(reinterpret_cast<int*>(&word), ~0u);
}
void relax(int) noexcept {}

#else

void sleep_while(std::atomic<uint32_t>& word, uint32_t value) noexcept { word.wait(value); }
void wake_all(std::atomic<uint32_t>& word) noexcept { word.notify_all(); }
// There may be more threads than processors, and the one that is waited for not running.
void relax(int look) noexcept {
  if (look % 1024 == 1023) std::this_thread::yield();
}

#endif

}  // namespace

void ThreadPool::run(Index count, Index chunk, const RangeBody& body, bool wakes) noexcept {
  body_ = &body;
  count_ = count;
  chunk_ = chunk;
  wakes_ = wakes;
  next_.store(0, std::memory_order_relaxed);
  const uint32_t last = state_.load(std::memory_order_relaxed);
  state_.store(((last + next_loop) & loop_mask) | is_open);
  // Either a thread that falls asleep sees the new state, or it is seen here.
  if (wakes && sleepers_.load() > 0) wake_all(state_);

  take_ranges();

  // The last ranges of others: too short to sleep for, and a page's main thread must not.
  uint32_t state = state_.fetch_and(~is_open);
  for (int look = 0; state & joined_mask; ++look) {
    relax(look);
    state = state_.load(std::memory_order_acquire);
  }
  if (broken_.load(std::memory_order_relaxed)) __builtin_trap();
}

void ThreadPool::work() noexcept {
  uint32_t seen = ~loop_mask;  // no loop's number: one that is open already is joined
  int served = 0;
  for (int look = 0;; ++look) {
    uint32_t state = state_.load(std::memory_order_relaxed);
    if (state & ended) return;
    if ((state & is_open) && (state & loop_mask) != seen) {
      if (state_.compare_exchange_weak(state, state + one_joined, std::memory_order_acquire)) {
        seen = state & loop_mask;
        take_ranges();
        if (wakes_) ++served;
        look = 0;
        if (served == restless) look = looks, served = 0;
        state_.fetch_sub(one_joined, std::memory_order_release);
      }
    } else if (look < looks) {
      relax(look);
    } else {
      sleepers_.fetch_add(1);
      sleep_while(state_, state);
      sleepers_.fetch_sub(1);
      look = 0;
    }
  }
}

void ThreadPool::take_ranges() noexcept {
  for (;;) {
    const Index begin = next_.fetch_add(chunk_, std::memory_order_relaxed);
    if (begin >= count_) return;
    (*body_)(begin, std::min(begin + chunk_, count_));
  }
}

void ThreadPool::end() noexcept {
  state_.fetch_or(ended);
  wake_all(state_);
}

void ThreadPool::abandon() noexcept {
  broken_ = true;
  state_.fetch_sub(one_joined, std::memory_order_release);
}

}  // namespace regard
