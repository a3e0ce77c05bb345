// SPDX-License-Identifier: MIT
// Numbers that carry a derivative along [Clifford 1873]: a + b e with e^2 = 0. A function of Duals
// yields its value and, exactly, its derivative in the direction of the arguments' derivatives.
#pragma once

#include <cmath>

namespace regard::reference {

struct Dual {
  double value = 0.0;
  double derivative = 0.0;

  Dual() = default;
  Dual(double number)
      : value(number) {}  // NOLINT: constants mix with Duals as they do with doubles
  Dual(double number, double slope) : value(number), derivative(slope) {}

  Dual& operator+=(const Dual& other) { return *this = *this + other; }
  Dual& operator-=(const Dual& other) { return *this = *this - other; }
  Dual& operator*=(const Dual& other) { return *this = *this * other; }
  Dual& operator/=(const Dual& other) { return *this = *this / other; }

  friend Dual operator-(const Dual& a) { return {-a.value, -a.derivative}; }
  friend Dual operator+(const Dual& a, const Dual& b) {
    return {a.value + b.value, a.derivative + b.derivative};
  }
  friend Dual operator-(const Dual& a, const Dual& b) {
    return {a.value - b.value, a.derivative - b.derivative};
  }
  friend Dual operator*(const Dual& a, const Dual& b) {
    return {a.value * b.value, a.derivative * b.value + a.value * b.derivative};
  }
  friend Dual operator/(const Dual& a, const Dual& b) {
    const double quotient = a.value / b.value;
    return {quotient, (a.derivative - quotient * b.derivative) / b.value};
  }

  // Which branch a function takes depends on the value alone.
  friend bool operator<(const Dual& a, const Dual& b) { return a.value < b.value; }
  friend bool operator>(const Dual& a, const Dual& b) { return a.value > b.value; }
  friend bool operator==(const Dual& a, const Dual& b) { return a.value == b.value; }

  friend Dual exp(const Dual& a) {
    const double result = std::exp(a.value);
    return {result, result * a.derivative};
  }
  friend Dual log(const Dual& a) { return {std::log(a.value), a.derivative / a.value}; }
  friend Dual sqrt(const Dual& a) {
    const double result = std::sqrt(a.value);
    return {result, a.derivative / (2.0 * result)};
  }
  friend Dual tanh(const Dual& a) {
    const double result = std::tanh(a.value);
    return {result, (1.0 - result * result) * a.derivative};
  }
  friend Dual erf(const Dual& a) {
    const double slope = 2.0 / std::sqrt(std::acos(-1.0)) * std::exp(-a.value * a.value);
    return {std::erf(a.value), slope * a.derivative};
  }
};

/// A number without its derivative.
inline double value_of(double x) { return x; }
inline double value_of(const Dual& x) { return x.value; }
/// x with another value; a derivative stays.
inline double with_value(double, double value) { return value; }
inline Dual with_value(const Dual& x, double value) { return {value, x.derivative}; }

}  // namespace regard::reference
