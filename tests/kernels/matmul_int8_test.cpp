// SPDX-License-Identifier: MIT
#include "kernels/matmul_int8.h"

#include "kernels/simd_int8.h"
#include "support/numbers.h"
#include "tensor/parallel.h"

namespace regard {
namespace {

using kernels::QuantizedRows;

// Numbers that every program makes alike, about -1 to 1.
std::vector<float> plain_numbers(Index n, uint32_t seed) {
  std::vector<float> result(static_cast<size_t>(n));
  for (float& value : result) {
    seed = seed * 1664525u + 1013904223u;
    value = static_cast<float>(static_cast<int32_t>(seed) >> 8) * 0x1p-23f;
  }
  return result;
}

struct Problem {
  Index M, N, K;
  std::vector<float> x;
  std::vector<int8_t> weights;
  std::vector<float> scales, bias;

  Problem(Index m, Index n, Index k) : M(m), N(n), K(k), x(plain_numbers(m * k, 1)) {
    weights.resize(static_cast<size_t>(n * k));
    scales.resize(static_cast<size_t>(n));
    bias = plain_numbers(n, 3);
    kernels::quantize_weights(plain_numbers(n * k, 2).data(), n, k, weights.data(), scales.data());
  }

  std::vector<float> product(bool with_bias = true) const {
    testing::Guarded packed(kernels::packed_size_int8(N, K)), memory(QuantizedRows::size(M, K));
    testing::Guarded c(M * N, 1), in(x, 1), add(bias, 3);
    kernels::pack_int8(weights.data(), scales.data(), N, K, packed.data());
    QuantizedRows rows(memory.data(), M, K);
    rows.quantize(in.data());
    kernels::matmul_int8(rows, packed.data(), N, K, c.data(), with_bias ? add.data() : nullptr);
    return {c.values().begin(), c.values().end()};
  }

  // The same in a plain loop; each step on a line of its own, so that no compiler joins two.
  std::vector<float> expected(bool with_bias = true) const {
    testing::Guarded memory(QuantizedRows::size(M, K)), in(x, 1);
    QuantizedRows rows(memory.data(), M, K);
    rows.quantize(in.data());
    std::vector<float> result;
    for (Index m = 0; m < M; ++m) {
      const auto* row = static_cast<const simd::Activation*>(rows.row(m));
      for (Index n = 0; n < N; ++n) {
        int64_t sum = 0;
        for (Index k = 0; k < K; ++k) {
          sum += int64_t{row[k] - rows.zero(m)} * weights[static_cast<size_t>(n * K + k)];
        }
        volatile float scale = scales[static_cast<size_t>(n)] * rows.scale(m);
        volatile float product = static_cast<float>(sum) * scale;
        result.push_back(product + (with_bias ? bias[static_cast<size_t>(n)] : 0.0f));
      }
    }
    return result;
  }
};

TEST(MatmulInt8, IsExactForEveryTail) {
  for (const Index M : {1, 2, 3, 4, 5, 13}) {
    for (const Index N : {1, 3, 4, 7, 8, 9, 16, 17, 31, 33, 65}) {
      for (const Index K : {1, 2, 3, 4, 5, 15, 16, 17, 64, 67}) {
        const Problem problem(M, N, K);
        ASSERT_EQ(problem.product(), problem.expected()) << M << " x " << N << " x " << K;
      }
    }
  }
  for (const bool bias : {true, false}) {
    const Problem problem(99, 70, 1027);
    EXPECT_EQ(problem.product(bias), problem.expected(bias));
  }
}

TEST(MatmulInt8, HasNothingToDoForNoRowsOrColumns) {
  EXPECT_TRUE(Problem(0, 5, 7).product().empty());
  EXPECT_TRUE(Problem(5, 0, 7).product().empty());
  EXPECT_EQ(Problem(2, 3, 0).product(), Problem(2, 3, 0).expected()) << "the bias";
}

// The largest sums of two products that 16 bits must hold, and the largest of 32.
TEST(MatmulInt8, HoldsTheLargestSums) {
  for (const int8_t weight : {127, -127, -128}) {
    for (const float value : {1.0f, -1.0f}) {
      Problem problem(5, 18, 1040);
      std::fill(problem.x.begin(), problem.x.end(), value);
      std::fill(problem.weights.begin(), problem.weights.end(), weight);
      EXPECT_EQ(problem.product(), problem.expected());
    }
  }
  Problem deep(1, 1, kernels::max_depth_int8);
  std::fill(deep.x.begin(), deep.x.end(), 1.0f);
  std::fill(deep.weights.begin(), deep.weights.end(), int8_t{-128});
  EXPECT_EQ(deep.product(), deep.expected());
}

TEST(MatmulInt8, GivesNanForRowsThatAreNotFiniteAndNoOthers) {
  Problem problem(3, 20, 24);
  problem.x[24 + 7] = std::numeric_limits<float>::infinity();
  const auto found = problem.product(), clean = Problem(3, 20, 24).product();
  for (size_t i = 0; i < found.size(); ++i) {
    if (i / 20 == 1) {
      EXPECT_TRUE(std::isnan(found[i]));
    } else {
      EXPECT_EQ(found[i], clean[i]);
    }
  }
  problem.scales[3] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_TRUE(std::isnan(problem.product()[3]));
}

TEST(MatmulInt8, UnpacksItsRows) {
  const Problem problem(1, 19, 30);
  testing::Guarded packed(kernels::packed_size_int8(19, 30)), row(30, 1);
  kernels::pack_int8(problem.weights.data(), problem.scales.data(), 19, 30, packed.data());
  for (Index n = 0; n < 19; ++n) {
    kernels::unpack_row_int8(packed.data(), 19, 30, n, row.data());
    for (Index k = 0; k < 30; ++k) {
      const auto place = static_cast<size_t>(n * 30 + k);
      EXPECT_EQ(row.data()[k], problem.scales[static_cast<size_t>(n)] *
                                   static_cast<float>(problem.weights[place]));
    }
  }
}

TEST(MatmulInt8, IsTheSameForAnyNumberOfThreads) {
  const int before = thread_count();
  for (const Index M : {4, 130}) {
    const Problem problem(M, 600, 256);
    set_thread_count(1);
    const auto alone = problem.product();
    for (const int threads : {2, 3, 7}) {
      set_thread_count(threads);
      EXPECT_EQ(problem.product(), alone) << threads << " threads";
    }
  }
  set_thread_count(before);
}

// FNV-1a of the bits of a product; int8.test.ts finds the same in the modules for browsers.
TEST(MatmulInt8, HasTheSameBitsInEveryBuild) {
  uint32_t hash = 2166136261u;
  for (const float value : Problem(7, 45, 83).product()) {
    hash = (hash ^ std::bit_cast<uint32_t>(value)) * 16777619u;
  }
  EXPECT_EQ(hash, 3041570429u);
}

}  // namespace
}  // namespace regard
