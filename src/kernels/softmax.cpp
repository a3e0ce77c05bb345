// SPDX-License-Identifier: MIT
#include "kernels/softmax.h"

#include <cmath>

#include "kernels/rows.h"
#include "kernels/simd.h"

namespace regard::kernels {

namespace {

using simd::batch;

// What one exponential costs in element operations, for sharing rows among threads.
constexpr Index exp_cost = 8;

constexpr float log2_e = 1.44269504f;

// The sum of e^(x[i] - shift), without storing the terms.
[[gnu::noinline]] float exp_sum(const float* x, float shift, Index n) noexcept {
  const batch offset(shift);
  batch sum(0.0f);
  simd::sweep_once(n, [&](Index i, auto lanes) {
    sum += simd::exp(simd::load(x + i, lanes, -simd::infinity) - offset);
  });
  return simd::reduce_add(sum);
}

// The shift that makes the largest term 1, and 0 for a row without a finite number.
float safe_shift(float largest) noexcept { return largest == -simd::infinity ? 0.0f : largest; }

}  // namespace

[[gnu::noinline]] float row_max(const float* x, Index n) noexcept {
  // four maxima, so that one need not wait for the one before it
  constexpr Index step = 4 * simd::width;
  batch largest[4];
  for (batch& one : largest) one = batch(-simd::infinity);
  Index i = 0;
  for (; i + step <= n; i += step) {
    for (Index part = 0; part < 4; ++part) {
      largest[part] = simd::max(largest[part], simd::load(x + i + part * simd::width));
    }
  }
  largest[0] = simd::max(simd::max(largest[0], largest[1]), simd::max(largest[2], largest[3]));
  simd::sweep(n - i, [&](Index j, auto lanes) {
    largest[0] = simd::max(largest[0], simd::load(x + i + j, lanes, -simd::infinity));
  });
  return simd::reduce_max(largest[0]);
}

[[gnu::noinline]] float exp_row(const float* x, float shift, float* y, Index n) noexcept {
  const batch offset(shift);
  batch sum(0.0f);
  simd::sweep(n, [&](Index i, auto lanes) {
    const batch term = simd::exp(simd::load(x + i, lanes, -simd::infinity) - offset);
    simd::store(y + i, term, lanes);
    sum += term;
  });
  return simd::reduce_add(sum);
}

[[gnu::noinline]] float weigh_row(const float* x, float most, float scale, float* y,
                                  Index n) noexcept {
  const batch offset(most), factor(scale * log2_e);
  batch sum(0.0f);
  simd::sweep(n, [&](Index i, auto lanes) {
    const batch x_i = simd::load(x + i, lanes, -simd::infinity);
    const batch term = simd::exp2_below((x_i - offset) * factor);
    simd::store(y + i, term, lanes);
    sum += term;
  });
  return simd::reduce_add(sum);
}

[[gnu::noinline]] void weigh_again_row(const float* x, float most, float scale, float share,
                                       float* y, Index n) noexcept {
  const batch offset(most), factor(scale * log2_e), part(share);
  simd::sweep_once(n, [&](Index i, auto lanes) {
    const batch x_i = simd::load(x + i, lanes, -simd::infinity);
    simd::store(y + i, simd::exp2_below((x_i - offset) * factor) * part, lanes);
  });
}

[[gnu::noinline]] void softmax_row(const float* x, float* y, Index n) noexcept {
  // A NaN that row_max loses comes back through the exponentials. All -infinity: every term is 0
  // and stays 0.
  const float total = exp_row(x, safe_shift(row_max(x, n)), y, n);
  const batch scale(total == 0.0f ? 0.0f : 1.0f / total);
  simd::sweep(
      n, [&](Index i, auto lanes) { simd::store(y + i, simd::load(y + i, lanes) * scale, lanes); });
}

void softmax(const float* x, float* y, Index rows, Index n) noexcept {
  for_rows(rows, exp_cost * n, [=](Index begin, Index end) {
    for (Index row = begin; row < end; ++row) softmax_row(x + row * n, y + row * n, n);
  });
}

[[gnu::noinline]] void softmax_row_backward(const float* y, const float* dy, float* dx,
                                            Index n) noexcept {
  const batch zero(0.0f);
  batch sum(0.0f);
  simd::sweep(n, [&](Index i, auto lanes) {
    const batch weight = simd::load(y + i, lanes);
    const batch gradient = simd::select(weight == zero, zero, simd::load(dy + i, lanes));
    sum = simd::multiply_add(weight, gradient, sum);
  });
  weigh_row_backward(y, dy, simd::reduce_add(sum), 1, dx, n);
}

[[gnu::noinline]] void weigh_row_backward(const float* y, const float* dy, float mean, float scale,
                                          float* dx, Index n) noexcept {
  const batch offset(mean), factor(scale), zero(0.0f);
  simd::sweep_once(n, [&](Index i, auto lanes) {
    const batch weight = simd::load(y + i, lanes);
    const batch gradient = weight * factor * (simd::load(dy + i, lanes) - offset);
    simd::store(dx + i, simd::select(weight == zero, zero, gradient), lanes);
  });
}

void softmax_backward(const float* y, const float* dy, float* dx, Index rows, Index n) noexcept {
  for_rows(rows, 2 * n, [=](Index begin, Index end) {
    for (Index row = begin; row < end; ++row) {
      softmax_row_backward(y + row * n, dy + row * n, dx + row * n, n);
    }
  });
}

[[gnu::noinline]] float log_sum_exp_row(const float* x, Index n) noexcept {
  const float largest = row_max(x, n);
  const float shift = safe_shift(largest);
  return shift + std::log(exp_sum(x, shift, n));
}

void log_softmax(const float* x, float* y, Index rows, Index n) noexcept {
  for_rows(rows, exp_cost * n, [=](Index begin, Index end) {
    for (Index row = begin; row < end; ++row) {
      const batch shift(safe_shift(log_sum_exp_row(x + row * n, n)));
      simd::sweep(n, [&](Index i, auto lanes) {
        const Index at = row * n + i;
        simd::store(y + at, simd::load(x + at, lanes) - shift, lanes);
      });
    }
  });
}

void log_softmax_backward(const float* y, const float* dy, float* dx, Index rows,
                          Index n) noexcept {
  for_rows(rows, exp_cost * n, [=](Index begin, Index end) {
    for (Index row = begin; row < end; ++row) {
      batch sum(0.0f);
      simd::sweep(n, [&](Index i, auto lanes) { sum += simd::load(dy + row * n + i, lanes); });

      const batch total(simd::reduce_add(sum));
      simd::sweep_once(n, [&](Index i, auto lanes) {
        const Index at = row * n + i;
        const batch probability = simd::exp(simd::load(y + at, lanes));
        simd::store(dx + at, simd::load(dy + at, lanes) - probability * total, lanes);
      });
    }
  });
}

}  // namespace regard::kernels
