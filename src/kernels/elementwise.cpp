// SPDX-License-Identifier: MIT
#include "kernels/elementwise.h"

#include <array>
#include <cmath>

#include "kernels/rows.h"
#include "kernels/simd.h"

namespace regard::kernels {

namespace {

using simd::batch;
using simd::load;
using simd::multiply_add;
using simd::store;

// Calls body(i, lanes) for every batch of 0 … n-1, on several threads where that pays.
template <class Body>
void each(Index n, Index cost, const Body& body) noexcept {
  for_rows(n, cost, [&](Index begin, Index end) {
    simd::sweep(end - begin, [&](Index i, auto lanes) { body(begin + i, lanes); });
  });
}

}  // namespace

void add(const float* a, const float* b, float* y, Index n) noexcept {
  each(n, 1,
       [&](Index i, auto lanes) { store(y + i, load(a + i, lanes) + load(b + i, lanes), lanes); });
}

void add_in_place(const float* x, float* y, Index n) noexcept { add(y, x, y, n); }

void axpy(float a, const float* x, float* y, Index n) noexcept {
  const batch factor(a);
  each(n, 1, [&](Index i, auto lanes) {
    store(y + i, multiply_add(factor, load(x + i, lanes), load(y + i, lanes)), lanes);
  });
}

void scale(float factor, const float* x, float* y, Index n) noexcept {
  const batch all(factor);
  each(n, 1, [&](Index i, auto lanes) { store(y + i, all * load(x + i, lanes), lanes); });
}

void add_rows(const float* x, float* sum, Index rows, Index n) noexcept {
  constexpr Index vectors = 4;
  for_columns<vectors * simd::width>(n, rows, 1, [&](Index first, auto count) {
    batch sums[vectors];
    simd::sweep(count,
                [&](Index i, auto lanes) { sums[i / simd::width] = load(sum + first + i, lanes); });
    for (Index row = 0; row < rows; ++row) {
      const float* from = x + row * n + first;
      simd::sweep(count,
                  [&](Index i, auto lanes) { sums[i / simd::width] += load(from + i, lanes); });
    }
    simd::sweep(count,
                [&](Index i, auto lanes) { store(sum + first + i, sums[i / simd::width], lanes); });
  });
}

bool all_finite(const float* x, Index n) noexcept {
  // 0 times a finite number is 0, times anything else NaN; in four sums, so that an addition need
  // not wait for the one before it
  const batch zero(0.0f);
  batch sums[4] = {zero, zero, zero, zero};
  constexpr Index step = 4 * simd::width;
  Index i = 0;
  for (; i + step <= n; i += step) {
    for (Index part = 0; part < 4; ++part) {
      sums[part] = multiply_add(load(x + i + part * simd::width), zero, sums[part]);
    }
  }
  simd::sweep(n - i, [&](Index j, auto lanes) {
    sums[0] = multiply_add(load(x + i + j, lanes), zero, sums[0]);
  });
  return simd::reduce_add((sums[0] + sums[1]) + (sums[2] + sums[3])) == 0.0f;
}

double sum_of_squares(const float* x, Index n) noexcept {
  // floats within a run of 32 batches, doubles across runs: their rounding cannot pile up
  constexpr Index run = 32 * simd::width;
  double total = 0.0;
  for (Index begin = 0; begin < n; begin += run) {
    batch sum(0.0f);
    simd::sweep(begin + run < n ? run : n - begin, [&](Index i, auto lanes) {
      const batch value = load(x + begin + i, lanes);
      sum = multiply_add(value, value, sum);
    });
    std::array<float, simd::width> lanes;
    store(lanes.data(), sum);
    for (const float lane : lanes) total += static_cast<double>(lane);
  }
  return total;
}

void adam_update(float* parameter, const float* gradient, float* m, float* v, Index n,
                 const AdamStep& options) noexcept {
  const double step = static_cast<double>(options.step);
  const double m_correction = 1.0 - std::pow(static_cast<double>(options.beta1), step);
  const double v_correction = 1.0 - std::pow(static_cast<double>(options.beta2), step);

  const batch beta1(options.beta1);
  const batch beta2(options.beta2);
  const batch rest1(static_cast<float>(1.0 - static_cast<double>(options.beta1)));
  const batch rest2(static_cast<float>(1.0 - static_cast<double>(options.beta2)));
  const batch gradient_scale(options.gradient_scale);
  const batch rate(static_cast<float>(static_cast<double>(options.rate) / m_correction));
  const batch root_scale(static_cast<float>(1.0 / std::sqrt(v_correction)));
  const batch epsilon(options.epsilon);
  const batch kept(1.0f - options.rate * options.weight_decay);

  each(n, 8, [&](Index i, auto lanes) {
    const batch g = gradient_scale * load(gradient + i, lanes);
    const batch mean = multiply_add(beta1, load(m + i, lanes), rest1 * g);
    const batch square = multiply_add(beta2, load(v + i, lanes), rest2 * g * g);
    store(m + i, mean, lanes);
    store(v + i, square, lanes);

    const batch root = multiply_add(simd::sqrt(square), root_scale, epsilon);
    store(parameter + i, kept * load(parameter + i, lanes) - rate * mean / root, lanes);
  });
}

}  // namespace regard::kernels
