// SPDX-License-Identifier: MIT
#include "kernels/layer_norm.h"

#include "reference/layer_norm.h"
#include "support/gradient.h"
#include "support/numbers.h"

namespace regard {
namespace {

using reference::Dual;
using reference::Matrix;
using reference::Vector;
using testing::Guarded;

constexpr Index rows = 3;
constexpr float epsilon = 1e-5f;

template <class Number>
Vector<Number> normalized(const Vector<Number>& x, const Vector<Number>& gamma,
                          const Vector<Number>& beta) {
  const Matrix<Number> matrix(rows, static_cast<Index>(x.size()) / rows, x);
  return each_row(matrix,
                  [&](const Vector<Number>& row) {
                    return reference::layer_norm(row, gamma, beta, static_cast<double>(epsilon));
                  })
      .values();
}

// Sums take n / width + log2(width) roundings; normal numbers keep 1 / sqrt(variance) small enough
// that the mean's rounding is not magnified more than tenfold, but in rows of one or two.
double roundings(Index n) { return 40.0 + static_cast<double>(n / simd::width); }

// Two numbers may lie so close that what their mean loses is magnified by 1 / sqrt(epsilon) at
// worst.
std::vector<float> spread_numbers(Index n, uint64_t seed) {
  auto values = testing::numbers(rows * n, seed);
  for (Index row = 0; n > 1 && row < rows; ++row) {
    values[static_cast<size_t>(row * n)] += 2.0f;
    values[static_cast<size_t>(row * n + 1)] -= 2.0f;
  }
  return values;
}

TEST(LayerNormTest, AgreesWithTheReference) {
  for (const Index n : testing::sizes()) {
    for (const Index misalignment : testing::misalignments) {
      Guarded x(spread_numbers(n, 1), misalignment), y(rows * n, misalignment);
      Guarded gamma(testing::numbers(n, 2), misalignment), beta(testing::numbers(n, 3));
      Guarded mean(rows), rstd(rows);
      const kernels::LayerNormParameters parameters{gamma.data(), beta.data(), epsilon};
      kernels::layer_norm(x.data(), parameters, y.data(), mean.data(), rstd.data(), rows, n);
      const auto expected =
          normalized(testing::widened(x.values()), testing::widened(gamma.values()),
                     testing::widened(beta.values()));
      testing::expect_close(y.values(), expected, roundings(n));

      kernels::layer_norm(x.data(), parameters, x.data(), nullptr, nullptr, rows, n);
      testing::expect_same(x.values(), y.values(), "in place, statistics not kept");
    }
  }
}

TEST(LayerNormTest, AConstantRowBecomesBeta) {
  for (Index n = 1; n <= 2 * simd::width + 1; ++n) {
    Guarded x(std::vector<float>(static_cast<size_t>(n), 4.0f)), y(n);
    Guarded gamma(testing::numbers(n, 2)), beta(testing::numbers(n, 3));
    kernels::layer_norm(x.data(), {gamma.data(), beta.data(), epsilon}, y.data(), nullptr, nullptr,
                        1, n);
    testing::expect_same(y.values(), beta.values());
  }
}

TEST(LayerNormTest, WithAResidualItNormalizesTheSum) {
  for (const Index n : testing::sizes()) {
    Guarded x(spread_numbers(n, 4), 1), residual(testing::numbers(rows * n, 5), 3);
    Guarded gamma(testing::numbers(n, 2)), beta(testing::numbers(n, 3));
    Guarded sum(rows * n), y(rows * n), mean(rows), rstd(rows);
    Guarded added(rows * n), plain(rows * n), plain_mean(rows), plain_rstd(rows);
    const kernels::LayerNormParameters parameters{gamma.data(), beta.data(), epsilon};
    kernels::add_layer_norm(x.data(), residual.data(), parameters, sum.data(), y.data(),
                            mean.data(), rstd.data(), rows, n);

    for (Index i = 0; i < rows * n; ++i) added.data()[i] = x.data()[i] + residual.data()[i];
    kernels::layer_norm(added.data(), parameters, plain.data(), plain_mean.data(),
                        plain_rstd.data(), rows, n);
    testing::expect_same(sum.values(), added.values(), "sum");
    testing::expect_same(y.values(), plain.values(), "y");
    testing::expect_same(mean.values(), plain_mean.values(), "mean");
    testing::expect_same(rstd.values(), plain_rstd.values(), "rstd");
  }
}

TEST(LayerNormTest, BackwardAddsTheGradients) {
  for (const Index n : testing::sizes()) {
    if (n == 0) continue;
    const Index misalignment = n % 4;
    Guarded x(spread_numbers(n, 6), misalignment), y(rows * n);
    Guarded gamma(testing::numbers(n, 7), misalignment), beta(testing::numbers(n, 8));
    Guarded mean(rows), rstd(rows), dy(testing::numbers(rows * n, 9), misalignment);
    const auto dx_before = testing::numbers(rows * n, 10);
    const auto dgamma_before = testing::numbers(n, 11), dbeta_before = testing::numbers(n, 12);
    Guarded dx(dx_before, misalignment), dgamma(dgamma_before, 1), dbeta(dbeta_before, 3);
    kernels::layer_norm(x.data(), {gamma.data(), beta.data(), epsilon}, y.data(), mean.data(),
                        rstd.data(), rows, n);
    kernels::layer_norm_backward(dy.data(), x.data(), gamma.data(), mean.data(), rstd.data(),
                                 dx.data(), dgamma.data(), dbeta.data(), rows, n);

    // one point of all three operands: x, gamma, beta
    auto point = testing::widened(x.values());
    for (const float value : gamma.values()) point.push_back(value);
    for (const float value : beta.values()) point.push_back(value);
    const auto weights = testing::widened(dy.values());
    auto expected = testing::gradient(point, [&](const Vector<Dual>& all) {
      const auto gamma_at = all.begin() + rows * n;
      return testing::weighted_sum(
          normalized<Dual>({all.begin(), gamma_at}, {gamma_at, gamma_at + n},
                           {gamma_at + n, all.end()}),
          weights);
    });

    const auto before = [&](const std::vector<float>& values, Index begin) {
      std::vector<double> part(expected.begin() + begin,
                               expected.begin() + begin + static_cast<Index>(values.size()));
      for (size_t i = 0; i < values.size(); ++i) part[i] += static_cast<double>(values[i]);
      return part;
    };
    testing::expect_gradient(dx.values(), before(dx_before, 0), "dx");
    testing::expect_gradient(dgamma.values(), before(dgamma_before, rows * n), "dgamma");
    testing::expect_gradient(dbeta.values(), before(dbeta_before, rows * n + n), "dbeta");
  }
}

}  // namespace
}  // namespace regard
