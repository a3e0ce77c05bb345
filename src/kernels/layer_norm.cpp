// SPDX-License-Identifier: MIT
#include "kernels/layer_norm.h"

#include <cmath>

#include "kernels/rows.h"
#include "kernels/simd.h"

namespace regard::kernels {

namespace {

using simd::batch;
using simd::load;
using simd::multiply_add;

// Normalizes one row of x, which may be y.
[[gnu::noinline]] void normalize_row(const float* x, const LayerNormParameters& parameters,
                                     float* y, float* mean_out, float* rstd_out, Index n) noexcept {
  batch sum(0.0f);
  simd::sweep(n, [&](Index i, auto lanes) { sum += load(x + i, lanes); });
  const float mean = simd::reduce_add(sum) / static_cast<float>(n);

  // lanes beyond the row hold the mean, so that they deviate by 0
  batch squares(0.0f);
  simd::sweep(n, [&](Index i, auto lanes) {
    const batch deviation = load(x + i, lanes, mean) - batch(mean);
    squares = multiply_add(deviation, deviation, squares);
  });
  const float variance = simd::reduce_add(squares) / static_cast<float>(n);
  const float rstd = 1.0f / std::sqrt(variance + parameters.epsilon);

  simd::sweep(n, [&](Index i, auto lanes) {
    const batch normal = (load(x + i, lanes) - batch(mean)) * batch(rstd);
    const batch gamma = load(parameters.gamma + i, lanes);
    const batch beta = load(parameters.beta + i, lanes);
    simd::store(y + i, multiply_add(gamma, normal, beta), lanes);
  });

  if (mean_out) *mean_out = mean;
  if (rstd_out) *rstd_out = rstd;
}

// dx += rstd (dh - mean(dh) - h mean(dh h)) for one row.
[[gnu::noinline]] void normalize_row_backward(const float* dy, const float* x, const float* gamma,
                                              float mean, float rstd, float* dx, Index n) noexcept {
  const auto normal = [&](Index i, auto lanes) {
    return (load(x + i, lanes, mean) - batch(mean)) * batch(rstd);
  };

  batch dh_sum(0.0f);
  batch dh_h_sum(0.0f);
  simd::sweep(n, [&](Index i, auto lanes) {
    const batch dh = load(dy + i, lanes) * load(gamma + i, lanes);
    dh_sum += dh;
    dh_h_sum = multiply_add(dh, normal(i, lanes), dh_h_sum);
  });

  const batch dh_mean(simd::reduce_add(dh_sum) / static_cast<float>(n));
  const batch dh_h_mean(simd::reduce_add(dh_h_sum) / static_cast<float>(n));
  simd::sweep(n, [&](Index i, auto lanes) {
    const batch dh = load(dy + i, lanes) * load(gamma + i, lanes);
    const batch centred = dh - dh_mean - normal(i, lanes) * dh_h_mean;
    simd::store(dx + i, multiply_add(batch(rstd), centred, load(dx + i, lanes)), lanes);
  });
}

}  // namespace

void layer_norm(const float* x, const LayerNormParameters& parameters, float* y, float* mean,
                float* rstd, Index rows, Index n) noexcept {
  for_rows(rows, 4 * n, [&](Index begin, Index end) {
    for (Index row = begin; row < end; ++row) {
      normalize_row(x + row * n, parameters, y + row * n, mean ? mean + row : nullptr,
                    rstd ? rstd + row : nullptr, n);
    }
  });
}

void add_layer_norm(const float* x, const float* residual, const LayerNormParameters& parameters,
                    float* sum, float* y, float* mean, float* rstd, Index rows, Index n) noexcept {
  for_rows(rows, 5 * n, [&](Index begin, Index end) {
    for (Index row = begin; row < end; ++row) {
      float* sum_row = sum + row * n;
      simd::sweep(n, [&](Index i, auto lanes) {
        const Index at = row * n + i;
        simd::store(sum_row + i, load(x + at, lanes) + load(residual + at, lanes), lanes);
      });
      normalize_row(sum_row, parameters, y + row * n, mean ? mean + row : nullptr,
                    rstd ? rstd + row : nullptr, n);
    }
  });
}

void layer_norm_backward(const float* dy, const float* x, const float* gamma, const float* mean,
                         const float* rstd, float* dx, float* dgamma, float* dbeta, Index rows,
                         Index n) noexcept {
  for_rows(rows, 6 * n, [&](Index begin, Index end) {
    for (Index row = begin; row < end; ++row) {
      normalize_row_backward(dy + row * n, x + row * n, gamma, mean[row], rstd[row], dx + row * n,
                             n);
    }
  });

  // forward: y = gamma h + beta in every row, so each column gathers over the rows
  constexpr Index vectors = 2;
  for_columns<vectors * simd::width>(n, rows, 4, [&](Index first, auto count) {
    batch dgammas[vectors], dbetas[vectors];
    simd::sweep(count, [&](Index i, auto lanes) {
      dgammas[i / simd::width] = load(dgamma + first + i, lanes);
      dbetas[i / simd::width] = load(dbeta + first + i, lanes);
    });
    for (Index row = 0; row < rows; ++row) {
      const batch row_mean(mean[row]);
      const batch row_rstd(rstd[row]);
      const Index at = row * n + first;
      simd::sweep(count, [&](Index i, auto lanes) {
        const batch gradient = load(dy + at + i, lanes);
        const batch normal = (load(x + at + i, lanes) - row_mean) * row_rstd;
        dgammas[i / simd::width] = multiply_add(gradient, normal, dgammas[i / simd::width]);
        dbetas[i / simd::width] += gradient;
      });
    }
    simd::sweep(count, [&](Index i, auto lanes) {
      simd::store(dgamma + first + i, dgammas[i / simd::width], lanes);
      simd::store(dbeta + first + i, dbetas[i / simd::width], lanes);
    });
  });
}

}  // namespace regard::kernels
