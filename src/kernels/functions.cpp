// SPDX-License-Identifier: MIT
#include "kernels/functions.h"

#include <cmath>

#include "kernels/curve.h"
#include "kernels/rows.h"

namespace regard::kernels {

namespace {

using simd::batch;

// A function of the standard library, lane by lane, in double.
template <class Each>
batch lane_by_lane(batch x, const Each& each) noexcept {
  float lanes[simd::width];
  simd::store(lanes, x);
  for (float& lane : lanes) lane = static_cast<float>(each(static_cast<double>(lane)));
  return simd::load(lanes);
}

// Each function is a value, and a slope by what went in and what came out.

struct Negate {
  static constexpr Index cost = 1;
  static batch value(batch x) noexcept { return -x; }
  static batch slope(batch, batch) noexcept { return batch(-1.0f); }
};

struct Absolute {
  static constexpr Index cost = 1;
  static batch value(batch x) noexcept { return simd::abs(x); }
  static batch slope(batch x, batch) noexcept {
    const batch falling = simd::select(x < batch(0.0f), batch(-1.0f), batch(0.0f));
    return simd::select(x > batch(0.0f), batch(1.0f), falling);
  }
};

struct Exp {
  static constexpr Index cost = 10;
  static batch value(batch x) noexcept { return simd::exp(x); }
  static batch slope(batch, batch y) noexcept { return y; }
};

struct Log {
  static constexpr Index cost = 10;
  static batch value(batch x) noexcept { return simd::log(x); }
  static batch slope(batch x, batch) noexcept { return batch(1.0f) / x; }
};

struct Sqrt {
  static constexpr Index cost = 10;
  static batch value(batch x) noexcept { return simd::sqrt(x); }
  static batch slope(batch, batch y) noexcept { return batch(0.5f) / y; }
};

struct Tanh {
  static constexpr Index cost = 10;
  static batch value(batch x) noexcept { return simd::tanh(x); }
  static batch slope(batch, batch y) noexcept { return batch(1.0f) - y * y; }
};

struct Sigmoid {
  static constexpr Index cost = 10;
  static batch value(batch x) noexcept { return simd::sigmoid(x); }
  static batch slope(batch, batch y) noexcept { return y * (batch(1.0f) - y); }
};

struct Sine {
  static constexpr Index cost = 60;
  static batch value(batch x) noexcept {
    return lane_by_lane(x, [](double lane) { return std::sin(lane); });
  }
  static batch slope(batch x, batch) noexcept {
    return lane_by_lane(x, [](double lane) { return std::cos(lane); });
  }
};

struct Cosine {
  static constexpr Index cost = 60;
  static batch value(batch x) noexcept { return Sine::slope(x, x); }
  static batch slope(batch x, batch) noexcept { return -Sine::value(x); }
};

// In the order of Function.
using All = Curves<Negate, Absolute, Exp, Log, Sqrt, Tanh, Sigmoid, Sine, Cosine>;

}  // namespace

void apply(Function kind, const float* x, float* y, Index n) noexcept {
  const auto at = static_cast<size_t>(kind);
  apply_values(All::values[at], All::costs[at], x, y, n);
}

void apply_backward(Function kind, const float* x, const float* y, const float* dy, float* dx,
                    Index n) noexcept {
  const auto at = static_cast<size_t>(kind);
  apply_slopes(All::slopes[at], All::costs[at], {x, y, dy, dx}, n);
}

void power(float exponent, const float* x, float* y, Index n) noexcept {
  const auto wide = static_cast<double>(exponent);
  for_rows(n, 60, [&](Index begin, Index end) {
    for (Index i = begin; i < end; ++i) {
      y[i] = static_cast<float>(std::pow(static_cast<double>(x[i]), wide));
    }
  });
}

}  // namespace regard::kernels
