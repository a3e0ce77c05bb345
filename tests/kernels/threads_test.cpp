// SPDX-License-Identifier: MIT
// Every kernel that shares its work gives the same bits with 1, 2 and 3 threads.
#include <functional>

#include "kernels/activation.h"
#include "kernels/cross_entropy.h"
#include "kernels/dropout.h"
#include "kernels/elementwise.h"
#include "kernels/embedding.h"
#include "kernels/functions.h"
#include "kernels/gather.h"
#include "kernels/layer_norm.h"
#include "kernels/pairs.h"
#include "kernels/reduce.h"
#include "kernels/rows.h"
#include "kernels/softmax.h"
#include "support/numbers.h"

namespace regard {
namespace {

// Odd sizes, and large enough that each kernel below splits its work.
constexpr Index rows = 701, n = 333;

class ThreadsTest : public ::testing::Test {
 protected:
  ~ThreadsTest() override { set_thread_count(1); }

  // Runs kernel(output), on `count` numbers that begin the same, with 1, 2 and 3 threads.
  void expect_same_bits(Index count, const std::function<void(float*)>& kernel) {
    std::vector<float> single;
    for (const int threads : {1, 2, 3}) {
      set_thread_count(threads);
      auto output = testing::numbers(count, 61);
      kernel(output.data());
      if (threads == 1) single = output;
      testing::expect_same(output, single, std::to_string(threads) + " threads");
    }
  }

  const std::vector<float> x_ = testing::numbers(rows * n, 62);
  const std::vector<float> dy_ = testing::numbers(rows * n, 63);
  const std::vector<float> gamma_ = testing::numbers(n, 64);
  const std::vector<float> beta_ = testing::numbers(n, 65);
};

TEST_F(ThreadsTest, TheSizesOfThisTestAreSplit) {
  set_thread_count(2);
  std::vector<int> ranges(rows);
  kernels::for_rows(rows, n, [&](Index begin, Index) { ranges[static_cast<size_t>(begin)] = 1; });
  EXPECT_GT(std::count(ranges.begin(), ranges.end(), 1), 1);
}

TEST_F(ThreadsTest, Softmax) {
  expect_same_bits(rows * n, [&](float* y) { kernels::softmax(x_.data(), y, rows, n); });
  expect_same_bits(
      rows * n, [&](float* dx) { kernels::softmax_backward(x_.data(), dy_.data(), dx, rows, n); });
  expect_same_bits(rows * n, [&](float* y) { kernels::log_softmax(x_.data(), y, rows, n); });
  expect_same_bits(rows * n, [&](float* dx) {
    kernels::log_softmax_backward(x_.data(), dy_.data(), dx, rows, n);
  });
}

TEST_F(ThreadsTest, LayerNorm) {
  const kernels::LayerNormParameters parameters{gamma_.data(), beta_.data(), 1e-5f};
  expect_same_bits(rows * (n + 2), [&](float* y) {
    kernels::layer_norm(x_.data(), parameters, y, y + rows * n, y + rows * (n + 1), rows, n);
  });
  expect_same_bits(2 * rows * n, [&](float* y) {
    kernels::add_layer_norm(x_.data(), dy_.data(), parameters, y + rows * n, y, nullptr, nullptr,
                            rows, n);
  });
  const auto mean = testing::numbers(rows, 66), rstd = testing::numbers(rows, 67);
  expect_same_bits((rows + 2) * n, [&](float* dx) {
    kernels::layer_norm_backward(dy_.data(), x_.data(), gamma_.data(), mean.data(), rstd.data(), dx,
                                 dx + rows * n, dx + (rows + 1) * n, rows, n);
  });
}

TEST_F(ThreadsTest, Activation) {
  using kernels::Activation;
  for (const auto kind : {Activation::identity, Activation::relu, Activation::gelu,
                          Activation::gelu_tanh, Activation::silu}) {
    expect_same_bits(rows * n, [&](float* y) { kernels::activate(kind, x_.data(), y, rows * n); });
    expect_same_bits(rows * n, [&](float* dx) {
      kernels::activate_backward(kind, x_.data(), dy_.data(), dx, rows * n);
    });
  }
}

TEST_F(ThreadsTest, Embedding) {
  std::vector<int32_t> ids;
  for (int32_t i = 0; i < rows; ++i) ids.push_back(i * i % 13);
  expect_same_bits(rows * n,
                   [&](float* out) { kernels::embed(ids.data(), rows, x_.data(), n, 2.0f, out); });
  expect_same_bits(13 * n, [&](float* dtable) {
    kernels::embed_backward(ids.data(), rows, dy_.data(), n, 2.0f, dtable);
  });
}

TEST_F(ThreadsTest, Dropout) {
  expect_same_bits(rows * n, [&](float* y) { kernels::dropout(x_.data(), y, rows * n, 0.3f, 5); });
  expect_same_bits(
      rows * n, [&](float* dx) { kernels::dropout_backward(dy_.data(), dx, rows * n, 0.3f, 5); });
}

TEST_F(ThreadsTest, CrossEntropy) {
  const std::vector<int32_t> targets(rows, 3);
  const kernels::CrossEntropyOptions options{-1, n - 1, 0.1f};
  expect_same_bits(2 * rows, [&](float* losses) {
    kernels::cross_entropy(x_.data(), targets.data(), losses, losses + rows, rows, n, options);
  });
  const auto log_sum = testing::numbers(rows, 68);
  expect_same_bits(rows * n, [&](float* dlogits) {
    kernels::cross_entropy_backward(x_.data(), targets.data(), log_sum.data(), 0.5f, dlogits, rows,
                                    n, options);
  });
}

TEST_F(ThreadsTest, Elementwise) {
  expect_same_bits(rows * n, [&](float* y) { kernels::add(x_.data(), dy_.data(), y, rows * n); });
  expect_same_bits(rows * n, [&](float* y) { kernels::axpy(0.7f, x_.data(), y, rows * n); });
  expect_same_bits(rows * n, [&](float* y) { kernels::scale(0.7f, x_.data(), y, rows * n); });
  expect_same_bits(n, [&](float* sum) { kernels::add_rows(x_.data(), sum, rows, n); });
  expect_same_bits(3 * rows * n, [&](float* parameter) {
    float* m = parameter + rows * n;
    float* v = m + rows * n;
    std::copy(x_.begin(), x_.end(), v);
    for (Index i = 0; i < rows * n; ++i) v[i] *= v[i];
    kernels::adam_update(parameter, dy_.data(), m, v, rows * n, {.rate = 0.01f});
  });
}

TEST_F(ThreadsTest, Strided) {
  using kernels::make_loop;
  using kernels::Strides;
  const Strides own = {n, 1}, transposed = {1, rows}, repeated = {0, 1};
  expect_same_bits(rows * n, [&](float* y) {
    kernels::copy(make_loop({rows, n}, {{transposed, own}}), x_.data(), y);
  });
  expect_same_bits(rows * n, [&](float* y) {
    const auto loop = make_loop({rows, n}, {{own, repeated, own}});
    kernels::pairs(kernels::Pair::divide, loop, x_.data(), gamma_.data(), y);
    kernels::add_scaled(0.3f, loop, x_.data(), gamma_.data(), y);
  });
}

TEST_F(ThreadsTest, Functions) {
  expect_same_bits(rows * n, [&](float* y) {
    kernels::apply(kernels::Function::log, x_.data(), y, rows * n);
    kernels::power(2.5f, x_.data(), y, rows * n);
  });
}

TEST_F(ThreadsTest, Reductions) {
  using kernels::make_loop;
  const auto by_row = make_loop({rows}, {{{n}, {1}}}), in_row = make_loop({n}, {{{1}}});
  const auto by_column = make_loop({n}, {{{1}, {1}}}), in_column = make_loop({rows}, {{{n}}});
  for (const auto kind : {kernels::Reduction::sum, kernels::Reduction::maximum}) {
    expect_same_bits(rows, [&](float* y) { kernels::reduce(kind, by_row, in_row, x_.data(), y); });
    expect_same_bits(n,
                     [&](float* y) { kernels::reduce(kind, by_column, in_column, x_.data(), y); });
  }
  expect_same_bits(rows * n,
                   [&](float* y) { kernels::cumulative_sum(x_.data(), {1, rows, n}, false, y); });
}

TEST_F(ThreadsTest, Gather) {
  std::vector<int32_t> places;
  for (int32_t i = 0; i < rows * n; ++i) places.push_back(i * 7 % 13);
  expect_same_bits(
      rows * n, [&](float* y) { kernels::gather(x_.data(), places.data(), {1, 13, rows, n}, y); });
  expect_same_bits(13 * n, [&](float* dx) {
    kernels::gather_backward(dy_.data(), places.data(), {1, 13, rows, n}, dx);
  });
  expect_same_bits(rows * 13, [&](float* dx) {
    kernels::take_along_backward(dy_.data(), places.data(), {rows, 13, n, 1}, dx);
  });
}

}  // namespace
}  // namespace regard
