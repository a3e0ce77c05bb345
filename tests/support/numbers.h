// SPDX-License-Identifier: MIT
// What tests of kernels share: numbers to compute with, buffers that notice a write outside of
// them, and comparisons that print where they failed.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "kernels/simd.h"
#include "tensor/random.h"

namespace regard::testing {

/// Half a unit in the last place of a float near 1: the relative error of one rounding.
constexpr double rounding = 0x1p-24;

/// Around every edge of a batch: 0 … 2 width + 1, and a few longer ones.
inline std::vector<Index> sizes() {
  std::vector<Index> result;
  for (Index n = 0; n <= 2 * simd::width + 1; ++n) result.push_back(n);
  for (const Index n : {Index{67}, Index{131}}) result.push_back(n);
  return result;
}

/// Places to begin at, in floats from an aligned address.
constexpr Index misalignments[] = {0, 1, 3};

/// n normal numbers.
inline std::vector<float> numbers(Index n, uint64_t seed, float deviation = 1.0f) {
  Random random(seed);
  std::vector<float> result(static_cast<size_t>(n));
  for (float& value : result) value = deviation * static_cast<float>(random.normal());
  return result;
}

inline std::vector<double> widened(std::span<const float> values) {
  return std::vector<double>(values.begin(), values.end());
}

/// A buffer at a chosen misalignment. Its surroundings hold a NaN, which shows up in results that
/// read it, and which the destructor expects to find again.
class Guarded {
 public:
  explicit Guarded(Index n, Index misalignment = 0)
      : Guarded(std::vector<float>(static_cast<size_t>(n)), misalignment) {}
  explicit Guarded(const std::vector<float>& values, Index misalignment = 0)
      : storage_(values.size() + 2 * margin + line, std::numeric_limits<float>::quiet_NaN()),
        size_(values.size()) {
    // to the next cache line, as the arena aligns, and then off it as asked
    const size_t past_line = reinterpret_cast<uintptr_t>(storage_.data()) / sizeof(float) % line;
    begin_ = margin - past_line + static_cast<size_t>(misalignment);
    std::copy(values.begin(), values.end(), data());
  }
  Guarded(const Guarded&) = delete;
  Guarded& operator=(const Guarded&) = delete;
  ~Guarded() {
    for (size_t i = 0; i < storage_.size(); ++i) {
      if (i >= begin_ && i < begin_ + size_) continue;
      EXPECT_TRUE(std::isnan(storage_[i])) << "written outside of " << size_ << " floats";
    }
  }

  float* data() { return storage_.data() + begin_; }
  std::span<const float> values() const { return {storage_.data() + begin_, size_}; }

 private:
  static constexpr size_t line = 16;
  static constexpr size_t margin = 2 * line + simd::width / line * line;

  std::vector<float> storage_;
  size_t size_;
  size_t begin_;
};

/// Expects |actual[i] - expected[i]| <= bound(i), and NaN where NaN is expected.
template <class Bound>
void expect_within(std::span<const float> actual, std::span<const double> expected,
                   const Bound& bound, const std::string& what = {}) {
  ASSERT_EQ(actual.size(), expected.size()) << what;
  for (size_t i = 0; i < actual.size(); ++i) {
    if (std::isnan(expected[i])) {
      EXPECT_TRUE(std::isnan(actual[i])) << what << " at " << i;
      continue;
    }
    const double distance = actual[i] == expected[i] ? 0.0 : std::abs(actual[i] - expected[i]);
    ASSERT_LE(distance, bound(i)) << what << " at " << i << " of " << actual.size() << ": "
                                  << actual[i] << ", expected " << expected[i];
  }
}

/// Expects each number within `roundings` roundings of the expected one, and a quarter of that
/// share of the largest: where terms cancel, the error is that of the terms.
inline void expect_close(std::span<const float> actual, std::span<const double> expected,
                         double roundings, const std::string& what = {}) {
  double largest = 0.0;
  for (const double value : expected) largest = std::max(largest, std::abs(value));
  const auto bound = [&](size_t i) {
    return roundings * rounding * (std::abs(expected[i]) + 0.25 * largest) + 1e-37;
  };
  expect_within(actual, expected, bound, what);
}

/// Expects a gradient to agree with the exact one to 1e-5 of its largest element: sums of some
/// hundred terms, each rounded at 6e-8, in a different order.
inline void expect_gradient(std::span<const float> actual, std::span<const double> expected,
                            const std::string& what = {}) {
  double largest = 1e-3;
  for (const double value : expected) largest = std::max(largest, std::abs(value));
  expect_within(actual, expected, [&](size_t) { return 1e-5 * largest; }, what);
}

/// Expects the same bits.
inline void expect_same(std::span<const float> actual, std::span<const float> expected,
                        const std::string& what = {}) {
  ASSERT_EQ(actual.size(), expected.size()) << what;
  for (size_t i = 0; i < actual.size(); ++i) {
    ASSERT_EQ(std::bit_cast<uint32_t>(actual[i]), std::bit_cast<uint32_t>(expected[i]))
        << what << " at " << i << ": " << actual[i] << ", expected " << expected[i];
  }
}

}  // namespace regard::testing
