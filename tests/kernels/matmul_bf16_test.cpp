// SPDX-License-Identifier: MIT
#include "kernels/matmul_bf16.h"

#include "kernels/simd_bf16.h"
#include "reference/matmul.h"
#include "support/numbers.h"
#include "tensor/parallel.h"

namespace regard {
namespace {

using kernels::MatmulOptions;
using kernels::MatmulSizes;
using kernels::MatrixView;
using reference::Matrix;
using testing::Guarded;

// Numbers of a (rows, columns) matrix, stored by rows, by columns, or with gaps between all of
// them.
enum class Order { rows, columns, apart };

class Operand {
 public:
  Operand(Index rows, Index columns, Order order, uint64_t seed)
      : rows_(rows), columns_(columns), order_(order), buffer_(testing::numbers(room(), seed), 1) {}

  MatrixView view() {
    switch (order_) {
      case Order::rows:
        return {buffer_.data(), columns_ + 3, 1};
      case Order::columns:
        return {buffer_.data(), 1, rows_ + 1};
      default:
        return {buffer_.data(), 2 * columns_, 2};
    }
  }
  // As it is, or with its elements rounded.
  Matrix<double> values(bool rounded) {
    Matrix<double> result(rows_, columns_);
    const MatrixView from = view();
    for (Index i = 0; i < rows_; ++i) {
      for (Index j = 0; j < columns_; ++j) {
        const float value = from.data[i * from.row + j * from.column];
        result(i, j) = rounded ? io::from_bfloat(io::to_bfloat(value)) : value;
      }
    }
    return result;
  }

 private:
  Index room() const {
    if (order_ == Order::rows) return rows_ * (columns_ + 3);
    return order_ == Order::columns ? (rows_ + 1) * columns_ : 2 * rows_ * columns_;
  }

  Index rows_, columns_;
  Order order_;
  Guarded buffer_;
};

std::vector<float> product(const MatrixView& a, const MatrixView& b, const MatmulSizes& sizes,
                           const std::vector<float>& before, Index c_row,
                           const MatmulOptions& options = {}) {
  Guarded packed(kernels::packed_size_bf16(sizes.k, sizes.n));
  kernels::pack_bf16(b, sizes.k, sizes.n, packed.data());
  Guarded c(before, 1);
  kernels::matmul_bf16(a, packed.data(), sizes, c.data(), c_row, options);
  return {c.values().begin(), c.values().end()};
}

// Against the product of rounded operands: products are exact there, and each of the K + 1 sums is
// rounded once. Against that of the operands themselves: by what the header says.
void expect_product(const MatmulSizes& sizes, Order a_order, Order b_order, bool bias,
                    bool accumulate) {
  const auto [m, n, k] = sizes;
  Operand a(m, k, a_order, 81), b(k, n, b_order, 82);
  const Index c_row = n + 2;
  const auto before = testing::numbers(m * c_row, 83), bias_values = testing::numbers(n, 84);
  const auto c = product(a.view(), b.view(), sizes, before, c_row,
                         {bias ? bias_values.data() : nullptr, accumulate});

  const std::string name =
      std::to_string(m) + " x " + std::to_string(n) + " x " + std::to_string(k);
  for (const bool rounded : {true, false}) {
    const Matrix<double> left = a.values(rounded), right = b.values(rounded);
    const Matrix<double> exact = matmul(left, right);
    std::vector<double> expected(before.begin(), before.end()), bound(before.size());
    for (Index i = 0; i < m; ++i) {
      for (Index j = 0; j < n; ++j) {
        const auto at = static_cast<size_t>(i * c_row + j);
        double start = accumulate ? static_cast<double>(before[at]) : 0.0;
        if (bias) start += static_cast<double>(bias_values[static_cast<size_t>(j)]);
        double size = 0;
        for (Index l = 0; l < k; ++l) size += std::abs(left(i, l) * right(l, j));
        expected[at] = start + exact(i, j);
        bound[at] = static_cast<double>(k + 1) * testing::rounding * (size + std::abs(start));
        if (!rounded) bound[at] = (0x1p-7 + 0x1p-16) * size + (1 + 0x1p-6) * bound[at];
      }
    }
    testing::expect_within(c, expected, [&](size_t i) { return bound[i]; }, name);
  }
}

TEST(MatmulBf16Test, EverySizeAroundATile) {
  for (const Index m : {0, 1, 3, 4, 5, 8, 11, 12, 13, 25}) {
    for (const Index n : testing::sizes()) {
      for (const Index k : {0, 1, 2, 7}) {
        expect_product({m, n, k}, Order::rows, Order::rows, false, false);
        expect_product({m, n, k}, Order::columns, Order::columns, true, false);
        expect_product({m, n, k}, Order::rows, Order::columns, false, true);
      }
    }
  }
}

TEST(MatmulBf16Test, EveryOrderOfOperands) {
  for (const Order a : {Order::rows, Order::columns, Order::apart}) {
    for (const Order b : {Order::rows, Order::columns, Order::apart}) {
      for (const Index k : {31, 32, 33, 64, 97}) {
        expect_product({13, 2 * simd::width + 1, k}, a, b, true, false);
        expect_product({3, simd::width, k}, a, b, false, true);
      }
    }
  }
}

// Past the blocks that the kernel cuts rows and depth into.
TEST(MatmulBf16Test, SizesBeyondOneBlock) {
  expect_product({203, 2 * simd::width + 5, 257}, Order::rows, Order::columns, true, false);
  expect_product({385, simd::width - 1, 600}, Order::columns, Order::rows, false, true);
  expect_product({5, 3, 513}, Order::rows, Order::rows, true, false);
}

TEST(MatmulBf16Test, ThreadsAndNeighboursChangeNothing) {
  constexpr MatmulSizes sizes{1211, 133, 301};
  Operand a(sizes.m, sizes.k, Order::columns, 85), b(sizes.k, sizes.n, Order::columns, 86);
  const std::vector<float> zeros(static_cast<size_t>(sizes.m * sizes.n));
  const auto single = product(a.view(), b.view(), sizes, zeros, sizes.n);
  for (const int threads : {2, 3}) {
    set_thread_count(threads);
    testing::expect_same(product(a.view(), b.view(), sizes, zeros, sizes.n), single,
                         std::to_string(threads) + " threads");
  }
  set_thread_count(1);

  for (const Index i : {Index{0}, Index{191}, Index{192}, sizes.m - 1}) {
    const MatrixView row{a.view().data + i * a.view().row, a.view().row, a.view().column};
    const std::vector<float> start(static_cast<size_t>(sizes.n));
    testing::expect_same(
        product(row, b.view(), {1, sizes.n, sizes.k}, start, sizes.n),
        std::span(single).subspan(static_cast<size_t>(i * sizes.n), static_cast<size_t>(sizes.n)));
  }
}

// Halfway between two neighbours it is the even one; beyond the largest it is infinity.
TEST(MatmulBf16Test, RoundsToNearestEven) {
  const float values[][2] = {{1.00390625f, 1.0f},         {1.01171875f, 1.015625f},
                             {1.0039063692f, 1.0078125f}, {-1.00390625f, -1.0f},
                             {3.4e38f, simd::infinity},   {-simd::infinity, -simd::infinity}};
  for (const auto& [value, rounded] : values) {
    for (const Index k : {1, 64}) {
      std::vector<float> a(static_cast<size_t>(k), 0.0f), b(static_cast<size_t>(k), 0.0f);
      a.back() = value;
      b.back() = 1.0f;
      EXPECT_EQ(product({a.data(), k, 1}, {b.data(), 1, 1}, {1, 1, k}, {0.0f}, 1)[0], rounded);
      EXPECT_EQ(product({b.data(), k, 1}, {a.data(), 1, 1}, {1, 1, k}, {0.0f}, 1)[0], rounded);
    }
  }
  const float nan = std::numeric_limits<float>::quiet_NaN(), one = 1.0f;
  EXPECT_TRUE(std::isnan(product({&nan, 1, 1}, {&one, 1, 1}, {1, 1, 1}, {0.0f}, 1)[0]));
}

// 2^24 + 1 is not an fp32: of each pair the second product is added before the first.
TEST(MatmulBf16Test, AddsTheSecondOfEachPairFirst) {
  const float large = 0x1p24f;
  const float b[] = {1.0f, 1.0f};
  const auto sum = [&](float first, float second) {
    const float a[] = {first, second};
    return product({a, 2, 1}, {b, 1, 1}, {1, 1, 2}, {large}, 1, {.accumulate = true})[0];
  };
  EXPECT_EQ(sum(-large, 1.0f), 0.0f);
  EXPECT_EQ(sum(1.0f, -large), 1.0f);
}

}  // namespace
}  // namespace regard
