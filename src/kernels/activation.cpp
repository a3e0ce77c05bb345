// SPDX-License-Identifier: MIT
// What was tried (Node 20 without relaxed SIMD / AVX-512, ns an element, one run):
//   2026-11  GELU through the normal distribution's tail, one polynomial and one exp: 2.1 / 0.32,
//            against 3.7 / 0.43 through xsimd::erf
#include "kernels/activation.h"

#include "kernels/curve.h"

namespace regard::kernels {

namespace {

using simd::batch;
using simd::multiply_add;

// Each activation is a value and a slope.

struct Identity {
  static constexpr Index cost = 1;
  static batch value(batch x) noexcept { return x; }
  static batch slope(batch, batch) noexcept { return batch(1.0f); }
};

struct Relu {
  static constexpr Index cost = 1;
  // asked this way round, NaN stays NaN
  static batch value(batch x) noexcept { return simd::select(x <= batch(0.0f), batch(0.0f), x); }
  static batch slope(batch x, batch) noexcept {
    return simd::select(x > batch(0.0f), batch(1.0f), batch(0.0f));
  }
};

struct Gelu {
  static constexpr Index cost = 10;
  // Phi(-z) = e^(-z^2 / 2) t P(t) with t = 1 / (1 + 0.34 z), for z >= 0. P is the minimax
  // polynomial of degree 8 for z <= 13.4, off by 2.6e-8 relative to Phi(-z); beyond, the bell is 0.
  static batch tail(batch z, batch bell) noexcept {
    const batch t = batch(1.0f) / multiply_add(batch(0.34f), z, batch(1.0f));
    batch p = multiply_add(t, batch(-0.026420923f), batch(0.14091033f));
    p = multiply_add(t, p, batch(-0.27593654f));
    p = multiply_add(t, p, batch(0.20525311f));
    p = multiply_add(t, p, batch(-0.046738356f));
    p = multiply_add(t, p, batch(0.11617388f));
    p = multiply_add(t, p, batch(0.11500151f));
    p = multiply_add(t, p, batch(0.1361379f));
    p = multiply_add(t, p, batch(0.1356191f));
    return bell * t * p;
  }

  static batch bell(batch z) noexcept { return simd::exp(batch(-0.5f) * z * z); }
  static batch size(batch x) noexcept { return simd::min(simd::abs(x), batch(14.0f)); }

  // x Phi(x) = max(x, 0) - |x| Phi(-|x|), which cancels on neither side of 0
  static batch value(batch x) noexcept {
    const batch z = size(x);
    return Relu::value(x) - z * tail(z, bell(z));
  }

  // Phi(x) + x phi(x)
  static batch slope(batch x, batch) noexcept {
    const batch z = size(x);
    const batch height = bell(z);
    const batch low = tail(z, height);
    const batch distribution = simd::select(x > batch(0.0f), batch(1.0f) - low, low);
    return multiply_add(x * batch(0.39894228f), height, distribution);
  }
};

struct GeluTanh {
  static constexpr Index cost = 10;
  static constexpr float root = 0.7978845608f;  // sqrt(2 / pi)
  static constexpr float cubic = 0.044715f;

  // (1 + tanh(u)) / 2 = sigmoid(2 u)
  static batch gate(batch x) noexcept {
    return simd::sigmoid(batch(2.0f * root) * x * multiply_add(batch(cubic), x * x, batch(1.0f)));
  }
  static batch value(batch x) noexcept { return x * gate(x); }
  static batch slope(batch x, batch) noexcept {
    const batch s = gate(x);
    const batch twice_du =
        batch(2.0f * root) * multiply_add(batch(3.0f * cubic), x * x, batch(1.0f));
    return multiply_add(x * s * (batch(1.0f) - s), twice_du, s);
  }
};

struct Silu {
  static constexpr Index cost = 10;
  static batch value(batch x) noexcept { return x * simd::sigmoid(x); }
  static batch slope(batch x, batch) noexcept {
    const batch s = simd::sigmoid(x);
    return multiply_add(x * s, batch(1.0f) - s, s);
  }
};

// In the order of Activation.
using All = Curves<Identity, Relu, Gelu, GeluTanh, Silu>;

}  // namespace

void activate(Activation kind, const float* x, float* y, Index n) noexcept {
  const auto at = static_cast<size_t>(kind);
  apply_values(All::values[at], All::costs[at], x, y, n);
}

void activate_backward(Activation kind, const float* x, const float* dy, float* dx,
                       Index n) noexcept {
  const auto at = static_cast<size_t>(kind);
  apply_slopes(All::slopes[at], All::costs[at], {x, x, dy, dx}, n);
}

}  // namespace regard::kernels
