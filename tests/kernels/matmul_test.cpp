// SPDX-License-Identifier: MIT
#include "kernels/matmul.h"

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

// A (rows, columns) matrix somewhere in memory, `step` floats between neighbours in a row and `gap`
// more than needed between rows; or the same transposed.
struct Layout {
  Index step = 1;
  Index gap = 0;
  bool transposed = false;
};

class Stored {
 public:
  Stored(Index rows, Index columns, const Layout& layout, uint64_t seed)
      : rows_(rows),
        columns_(columns),
        step_(layout.step),
        stride_((layout.transposed ? rows : columns) * layout.step + layout.gap),
        transposed_(layout.transposed),
        buffer_(testing::numbers((transposed_ ? columns : rows) * stride_, seed), layout.gap % 4) {}

  MatrixView view() {
    const MatrixView stored{buffer_.data(), stride_, step_};
    return transposed_ ? stored.transposed() : stored;
  }
  Matrix<double> exact() {
    Matrix<double> result(rows_, columns_);
    const MatrixView from = view();
    for (Index i = 0; i < rows_; ++i) {
      for (Index j = 0; j < columns_; ++j) {
        result(i, j) = from.data[i * from.row + j * from.column];
      }
    }
    return result;
  }

 private:
  Index rows_, columns_, step_, stride_;
  bool transposed_;
  Guarded buffer_;
};

// Each element is a sum of K products, every one of which, and every addition, is rounded once: off
// by at most K + 1 roundings of the sum of the products' sizes.
void expect_product(Index m, Index n, Index k, const Layout& a_layout, const Layout& b_layout,
                    Index c_gap, bool bias, bool accumulate) {
  Stored a(m, k, a_layout, 71), b(k, n, b_layout, 72);
  Guarded packed(kernels::packed_size(k, n));
  kernels::pack(b.view(), k, n, packed.data());

  const Index c_row = n + c_gap;
  const auto before = testing::numbers(m * c_row, 73), bias_values = testing::numbers(n, 74);
  Guarded c(before, c_gap % 4), serial(before, c_gap % 4), bias_buffer(bias_values, 1);
  const MatmulOptions options{bias ? bias_buffer.data() : nullptr, accumulate};
  kernels::matmul(a.view(), packed.data(), {m, n, k}, c.data(), c_row, options);
  kernels::matmul_serial(a.view(), packed.data(), {m, n, k}, serial.data(), c_row, options);
  testing::expect_same(c.values(), serial.values(), "serial");

  const Matrix<double> exact_a = a.exact(), exact_b = b.exact();
  const Matrix<double> product = matmul(exact_a, exact_b);
  std::vector<double> expected(before.begin(), before.end()), bound(before.size());
  for (Index i = 0; i < m; ++i) {
    for (Index j = 0; j < n; ++j) {
      const auto at = static_cast<size_t>(i * c_row + j);
      double start = accumulate ? static_cast<double>(before[at]) : 0.0;
      if (bias) start += static_cast<double>(bias_values[static_cast<size_t>(j)]);
      double size = std::abs(start);
      for (Index l = 0; l < k; ++l) size += std::abs(exact_a(i, l) * exact_b(l, j));
      expected[at] = start + product(i, j);
      bound[at] = static_cast<double>(k + 1) * testing::rounding * size;
    }
  }
  // the gaps between rows expect exactly what was there
  testing::expect_within(
      c.values(), expected, [&](size_t i) { return bound[i]; },
      std::to_string(m) + " x " + std::to_string(n) + " x " + std::to_string(k));
}

TEST(MatmulTest, EverySizeAroundATile) {
  const std::vector<Index> heights = {0, 1, 2, 3, 4, 5, 11, 12, 13, 25};
  for (const Index m : heights) {
    for (const Index n : testing::sizes()) {
      for (const Index k : {0, 1, 2, 7}) {
        expect_product(m, n, k, {}, {}, 0, false, false);
        expect_product(m, n, k, {}, {}, 3, true, false);
        expect_product(m, n, k, {}, {}, 1, false, true);
      }
    }
  }
}

TEST(MatmulTest, StridesAndTransposes) {
  const Layout layouts[] = {{.gap = 3},
                            {.step = 3},
                            {.gap = 1, .transposed = true},
                            {.step = 2, .gap = 1, .transposed = true}};
  for (const Layout& a : layouts) {
    for (const Layout& b : layouts) {
      for (const Index n : {Index{1}, simd::width, 2 * simd::width + 1, 4 * simd::width + 3}) {
        expect_product(13, n, 19, a, b, 5, true, false);
        expect_product(3, n, 19, a, b, 0, false, true);
      }
    }
  }
}

// Past the blocks that the kernel cuts rows and depth into.
TEST(MatmulTest, SizesBeyondOneBlock) {
  expect_product(49, 2 * simd::width + 5, 257, {}, {.transposed = true}, 0, true, false);
  expect_product(97, simd::width - 1, 600, {.transposed = true}, {}, 2, false, true);
  expect_product(5, 3, 513, {}, {}, 0, true, false);
}

TEST(MatmulTest, ThreadsChangeNothing) {
  constexpr Index m = 211, n = 133, k = 301;
  Stored a(m, k, {}, 75), b(k, n, {.transposed = true}, 76);
  std::vector<float> single;
  for (const int threads : {1, 2, 3}) {
    set_thread_count(threads);
    Guarded packed(kernels::packed_size(k, n)), c(m * n);
    kernels::pack(b.view(), k, n, packed.data());
    kernels::matmul(a.view(), packed.data(), {m, n, k}, c.data(), n);
    if (threads == 1) single.assign(c.values().begin(), c.values().end());
    testing::expect_same(c.values(), single, std::to_string(threads) + " threads");
  }
  set_thread_count(1);
}

// A row's product is the same whichever rows come with it: batches repeat single sentences.
TEST(MatmulTest, RowsDoNotDependOnTheirNeighbours) {
  constexpr Index m = 26, n = 2 * simd::width + 3, k = 300;
  Stored a(m, k, {}, 77), b(k, n, {}, 78);
  Guarded packed(kernels::packed_size(k, n)), all(m * n);
  kernels::pack(b.view(), k, n, packed.data());
  kernels::matmul(a.view(), packed.data(), {m, n, k}, all.data(), n);
  for (Index i = 0; i < m; ++i) {
    Guarded alone(n);
    const MatrixView row{a.view().data + i * a.view().row, a.view().row, 1};
    kernels::matmul(row, packed.data(), {1, n, k}, alone.data(), n);
    testing::expect_same(alone.values(), all.values().subspan(static_cast<size_t>(i * n), n));
  }
}

TEST(MatmulTest, ActivatesWhatIsSummed) {
  constexpr Index m = 53, n = 19, k = 300;
  Stored a(m, k, {}, 91), b(k, n, {}, 92);
  Guarded packed(kernels::packed_size(k, n)), bias(testing::numbers(n, 93)), c(m * n), plain(m * n);
  kernels::pack(b.view(), k, n, packed.data());
  kernels::matmul(a.view(), packed.data(), {m, n, k}, plain.data(), n, {.bias = bias.data()});
  for (const auto activation : {kernels::Activation::relu, kernels::Activation::gelu}) {
    kernels::matmul(a.view(), packed.data(), {m, n, k}, c.data(), n,
                    {.bias = bias.data(), .activation = activation});
    const auto values = plain.values();
    Guarded expected(std::vector<float>(values.begin(), values.end()));
    kernels::activate(activation, expected.data(), expected.data(), m * n);
    testing::expect_same(c.values(), expected.values());
  }
}

// Any part of a packed B is the product with the same rows and columns of B.
TEST(MatmulTest, ReadsAPartOfWhatIsPacked) {
  constexpr Index m = 7, K = 41, N = 90;
  Stored a(m, K, {}, 81), b(K, N, {}, 82);
  Guarded packed(kernels::packed_size(K, N));
  kernels::pack(b.view(), K, N, packed.data());
  for (const Index row : {0, 1, 17}) {
    for (const Index wanted : {0, 5, 40, 70}) {
      const Index column = kernels::tile_start(wanted);
      ASSERT_LE(column, wanted);
      for (const Index k : {1, 8, 24}) {
        for (const Index n : {1, 3, 8, 19}) {
          const MatrixView from = b.view();
          const MatrixView part{from.data + row * from.row + column * from.column, from.row,
                                from.column};
          Guarded alone(kernels::packed_size(k, n)), expected(m * n), c(m * n);
          kernels::pack(part, k, n, alone.data());
          kernels::matmul_serial(a.view(), alone.data(), {m, n, k}, expected.data(), n);
          kernels::matmul_serial(a.view(), packed.data(), {m, n, k}, c.data(), n,
                                 {.part = {.k = K, .n = N, .row = row, .column = column}});
          testing::expect_same(c.values(), expected.values());
        }
      }
    }
  }
}

}  // namespace
}  // namespace regard
