// SPDX-License-Identifier: MIT
#include "tensor/arena.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <memory>
#include <vector>

#include "tensor/arena_allocator.h"
#include "tensor/error.h"
#include "tensor/tensor.h"

namespace regard {
namespace {

TEST(ArenaTest, BuffersAreAlignedAndLargeEnough) {
  Arena arena;
  std::vector<std::pair<float*, Index>> taken;
  for (Index count = 0; count < 3000; count += 1 + count / 7) {
    const size_t before = arena.used();
    float* buffer = arena.take(count);
    EXPECT_EQ(reinterpret_cast<uintptr_t>(buffer) % Arena::alignment, 0u);
    EXPECT_GE(arena.used() - before, static_cast<size_t>(count) * sizeof(float));
    // at most a fifth is wasted, beyond the cache lines that begin
    EXPECT_LE(static_cast<double>(arena.used() - before), 1.25 * count * sizeof(float) + 64);
    for (Index i = 0; i < count; ++i) buffer[i] = static_cast<float>(taken.size());
    taken.emplace_back(buffer, count);
  }
  // none overlaps another: each still holds what was written to it
  for (size_t n = 0; n < taken.size(); ++n) {
    for (Index i = 0; i < taken[n].second; ++i) ASSERT_EQ(taken[n].first[i], static_cast<float>(n));
    arena.give_back(taken[n].first, taken[n].second);
  }
  EXPECT_EQ(arena.used(), 0u);
}

TEST(ArenaTest, ABufferComesBackForASizeOfItsClass) {
  Arena arena;
  float* first = arena.take(1000);
  arena.give_back(first, 1000);
  EXPECT_GT(arena.idle(), 0u);
  EXPECT_EQ(arena.take(1000), first);
  EXPECT_EQ(arena.idle(), 0u);
  arena.give_back(first, 1000);
}

TEST(ArenaTest, TrimReturnsWhatIsIdle) {
  Arena arena;
  float* kept = arena.take(100);
  arena.give_back(arena.take(5000), 5000);
  arena.trim();
  EXPECT_EQ(arena.idle(), 0u);
  EXPECT_GT(arena.used(), 0u);
  arena.give_back(kept, 100);
}

// The second pass through the same work takes all of its storage from the first.
TEST(ArenaTest, ASecondPassAllocatesNothing) {
  const auto pass = [] {
    Tensor x = Tensor::zeros({3, 100});
    for (Index i = 1; i < 10; ++i) x = Tensor::full({i, 100 * i}, 1.0f);
  };
  pass();
  const size_t held = Arena::shared().idle() + Arena::shared().used();
  pass();
  EXPECT_EQ(Arena::shared().idle() + Arena::shared().used(), held);
}

// Objects that come and go with tensors take their memory here as well, and give it back.
TEST(ArenaTest, HoldsSingleObjects) {
  struct Thing {
    Index number;
    float more[40];
  };
  const size_t before = Arena::shared().used();
  {
    const auto thing = std::allocate_shared<Thing>(ArenaAllocator<Thing>(), Thing{7, {}});
    EXPECT_EQ(thing->number, 7);
    EXPECT_GE(Arena::shared().used() - before, sizeof(Thing));
  }
  EXPECT_EQ(Arena::shared().used(), before);
  const size_t held = before + Arena::shared().idle();
  for (int i = 0; i < 100; ++i) std::allocate_shared<Thing>(ArenaAllocator<Thing>());
  EXPECT_EQ(Arena::shared().used() + Arena::shared().idle(), held);
}

TEST(ArenaTest, MoreThanThereIsIsAnError) {
  Arena arena;
  EXPECT_THROW(arena.take(std::numeric_limits<Index>::max() / 8), OutOfMemoryError);
  EXPECT_EQ(arena.used(), 0u);
  arena.give_back(arena.take(10), 10);  // still usable
}

}  // namespace
}  // namespace regard
