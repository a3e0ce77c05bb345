// SPDX-License-Identifier: MIT
#include "kernels/quantization.h"

#include "kernels/simd_int8.h"
#include "support/numbers.h"

namespace regard {
namespace {

constexpr float infinity = std::numeric_limits<float>::infinity();
constexpr float nan = std::numeric_limits<float>::quiet_NaN();
constexpr float largest = std::numeric_limits<float>::max();

struct Weights {
  std::vector<int8_t> numbers;
  std::vector<float> scales;
};

Weights quantized(const std::vector<float>& weights, Index N, Index K) {
  Weights result{std::vector<int8_t>(weights.size(), 99),
                 std::vector<float>(static_cast<size_t>(N))};
  testing::Guarded guarded(weights, 1);
  kernels::quantize_weights(guarded.data(), N, K, result.numbers.data(), result.scales.data());
  return result;
}

// Rows of activations, and what was made of them.
class Rows {
 public:
  Rows(const std::vector<float>& x, Index rows, Index K)
      : memory_(kernels::QuantizedRows::size(rows, K)), rows_(memory_.data(), rows, K) {
    testing::Guarded guarded(x, 3);
    rows_.quantize(guarded.data());
  }
  float scale(Index i = 0) const { return rows_.scale(i); }
  int zero(Index i = 0) const { return rows_.zero(i); }
  int at(Index k, Index i = 0) const {
    return static_cast<const simd::Activation*>(rows_.row(i))[k];
  }

 private:
  testing::Guarded memory_;
  kernels::QuantizedRows rows_;
};

TEST(Quantization, RoundsWeightsToTheNearestOf255) {
  for (const Index K : testing::sizes()) {
    const Index N = 3;
    const auto weights = testing::numbers(N * K, 5);
    const Weights found = quantized(weights, N, K);
    for (Index n = 0; n < N; ++n) {
      float largest_size = 0;
      for (Index k = 0; k < K; ++k) {
        largest_size = std::max(largest_size, std::abs(weights[static_cast<size_t>(n * K + k)]));
      }
      const float scale = found.scales[static_cast<size_t>(n)];
      EXPECT_EQ(scale, largest_size / 127);
      for (Index k = 0; k < K; ++k) {
        const auto place = static_cast<size_t>(n * K + k);
        // half a step, and the roundings of the inverse and of the product, up to 127 steps away
        EXPECT_NEAR(static_cast<double>(weights[place]) / scale, found.numbers[place],
                    0.5 + 127 * 3 * testing::rounding);
      }
    }
  }
}

TEST(Quantization, RoundsTiesToEvenAndUsesTheWholeRange) {
  const Weights found = quantized({127, 0.5, 1.5, 2.5, -0.5, -1.5, 126.5, -127}, 1, 8);
  EXPECT_EQ(found.scales, std::vector<float>{1});
  EXPECT_EQ(found.numbers, (std::vector<int8_t>{127, 0, 2, 2, 0, -2, 126, -127}));
}

TEST(Quantization, KeepsRowsOfWeightsApart) {
  const Weights found =
      quantized({0, 0, 1, 2, nan, 1, 1, -infinity, 1e-42f, -1e-42f, -largest, largest}, 6, 2);
  EXPECT_EQ(found.scales[0], 0);
  EXPECT_EQ(found.scales[1], 2.0f / 127);
  EXPECT_TRUE(std::isnan(found.scales[2]));
  EXPECT_TRUE(std::isnan(found.scales[3]));
  EXPECT_EQ(found.scales[4], 0) << "a scale that is subnormal";
  EXPECT_EQ(found.scales[5], largest / 127);
  EXPECT_EQ(found.numbers, (std::vector<int8_t>{0, 0, 64, 127, 0, 0, 0, 0, 0, 0, -127, 127}));
}

TEST(Quantization, KeepsActivationsWithinAStep) {
  for (const Index K : testing::sizes()) {
    const auto x = testing::numbers(2 * K, 6);
    const Rows rows(x, 2, K);
    for (Index i = 0; i < 2; ++i) {
      for (Index k = 0; k < K; ++k) {
        EXPECT_GE(rows.at(k, i), 0);
        EXPECT_LE(rows.at(k, i), 127);
        // half a step for the number, half for the zero point that shares its rounding
        const double steps = static_cast<double>(x[static_cast<size_t>(i * K + k)]) / rows.scale(i);
        EXPECT_NEAR(steps, rows.at(k, i) - rows.zero(i), 1 + 127 * 4 * testing::rounding);
      }
    }
  }
}

TEST(Quantization, KeepsZerosAndTheRangeOfActivations) {
  const Rows rectified({0, 0.5, 0, 2, 1, 0}, 1, 6);
  EXPECT_EQ(rectified.zero(), 0);
  EXPECT_EQ(rectified.at(0), 0);
  EXPECT_EQ(rectified.at(3), 127);
  const Rows both({-1, 0, 3}, 1, 3);
  EXPECT_EQ(both.at(1), both.zero());
  EXPECT_EQ(both.at(0), 0);
  EXPECT_EQ(both.at(2), 127);
  // 63.5 steps on either side: both round to 64, and 128 has no place
  const Rows even({-1, 1}, 1, 2);
  EXPECT_EQ(even.zero(), 64);
  EXPECT_EQ(even.at(0), 0);
  EXPECT_EQ(even.at(1), 127);
}

TEST(Quantization, TakesRowsOfEqualNumbers) {
  for (const float value : {5.0f, -5.0f}) {
    const Rows rows(std::vector<float>(21, value), 1, 21);
    EXPECT_EQ(rows.scale(), 5.0f / 127);
    for (Index k = 0; k < 21; ++k) EXPECT_EQ(rows.at(k) - rows.zero(), value > 0 ? 127 : -127);
  }
  const Rows zeros(std::vector<float>(21), 1, 21);
  EXPECT_EQ(zeros.scale(), 0);
  EXPECT_EQ(zeros.zero(), 0);
}

TEST(Quantization, MarksRowsThatAreNotFinite) {
  for (const float bad : {nan, infinity, -infinity}) {
    for (Index place = 0; place < 35; ++place) {
      std::vector<float> x(3 * 35, 1.0f);
      x[static_cast<size_t>(35 + place)] = bad;
      const Rows rows(x, 3, 35);
      EXPECT_EQ(rows.scale(0), 1.0f / 127);
      EXPECT_TRUE(std::isnan(rows.scale(1)));
      EXPECT_EQ(rows.scale(2), 1.0f / 127);
      for (Index k = 0; k < 35; ++k) EXPECT_EQ(rows.at(k, 1), 0);
    }
  }
  const Rows wide({-largest, largest}, 1, 2);
  EXPECT_EQ(wide.scale(), largest / 127 + largest / 127);
  EXPECT_GE(wide.at(1), 126);
  EXPECT_EQ(wide.at(0), 0);
  EXPECT_EQ(Rows({1e-42f, -1e-43f}, 1, 2).scale(), 0) << "a scale that is subnormal";
}

}  // namespace
}  // namespace regard
