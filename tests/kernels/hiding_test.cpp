// SPDX-License-Identifier: MIT
#include "kernels/hiding.h"

#include <cmath>
#include <limits>

#include "kernels/simd.h"
#include "support/numbers.h"

namespace regard {
namespace {

using testing::Guarded;
constexpr float hidden = -simd::infinity;
constexpr float nan = std::numeric_limits<float>::quiet_NaN();

TEST(HidingTest, AMaskHidesByItsConvention) {
  for (Index n = 1; n <= 3 * simd::width + 1; ++n) {
    std::vector<float> mask, shown, kept;
    const std::vector<float> x = testing::numbers(n, 5);
    for (Index i = 0; i < n; ++i) {
      // what is not 0 shows or hides, whatever it is
      mask.push_back(i % 3 == 0 ? 0.0f : i % 3 == 1 ? -2.0f : nan);
      const float score = x[static_cast<size_t>(i)];
      shown.push_back(i % 3 == 0 ? hidden : score);
      kept.push_back(i % 3 == 0 ? score : hidden);
    }
    Guarded flags(mask), first(x), second(x);
    kernels::hide_row(flags.data(), true, first.data(), n);
    kernels::hide_row(flags.data(), false, second.data(), n);
    testing::expect_same(first.values(), shown, "shows");
    testing::expect_same(second.values(), kept, "hides");
  }
}

TEST(HidingTest, HiddenScoresMayHoldAnything) {
  Guarded mask({0.0f, 0.0f, 1.0f}), x({nan, simd::infinity, 2.0f});
  kernels::hide_row(mask.data(), true, x.data(), 3);
  testing::expect_same(x.values(), std::vector<float>{hidden, hidden, 2.0f});
}

TEST(HidingTest, ABiasIsAddedAndMinusInfinityHides) {
  Guarded bias({0.5f, hidden, hidden, hidden, -1.0f}), x({1.0f, 2.0f, nan, simd::infinity, 3.0f});
  kernels::add_bias_row(bias.data(), x.data(), 5);
  testing::expect_same(x.values(), std::vector<float>{1.5f, hidden, hidden, hidden, 2.0f});
}

}  // namespace
}  // namespace regard
