// SPDX-License-Identifier: MIT
// Numbers that carry along how far fp32 may be from them [Wilkinson 1963; Higham 2002,
// section 3.3]. What a formula gives on these is its value in double, and a bound on the error of
// whoever computes it in fp32, in any order of summation.
#pragma once

#include <cmath>

namespace regard::reference {

struct Rounded {
  double value = 0.0;
  double size = 0.0;   ///< of a sum, the sum of its terms' sizes: what partial sums stay below
  double error = 0.0;  ///< a computed number lies within this of `value`

  /// The largest relative error of one operation.
  static constexpr double unit = 0x1p-24;
  /// exp, log and tanh are this many times worse.
  static constexpr double function = 4.0;

  Rounded() = default;
  Rounded(double exact) : value(exact), size(std::abs(exact)) {}  // NOLINT: as Dual's

  Rounded& operator+=(const Rounded& other) { return *this = *this + other; }
  Rounded& operator-=(const Rounded& other) { return *this = *this - other; }
  Rounded& operator*=(const Rounded& other) { return *this = *this * other; }
  Rounded& operator/=(const Rounded& other) { return *this = *this / other; }

  friend Rounded operator-(const Rounded& a) { return of(-a.value, a.size, a.error); }
  friend Rounded operator+(const Rounded& a, const Rounded& b) {
    const double sizes = a.size + b.size;
    return of(a.value + b.value, sizes, a.error + b.error + unit * sizes);
  }
  // Not a step of a sum, but of two numbers: rounded once.
  friend Rounded operator-(const Rounded& a, const Rounded& b) {
    const double difference = a.value - b.value;
    return of(difference, std::abs(difference), a.error + b.error + unit * std::abs(difference));
  }
  friend Rounded operator*(const Rounded& a, const Rounded& b) {
    const double product = a.value * b.value;
    const double given =
        std::abs(a.value) * b.error + std::abs(b.value) * a.error + a.error * b.error;
    return of(product, std::abs(product), given + unit * std::abs(product));
  }
  friend Rounded operator/(const Rounded& a, const Rounded& b) {
    const double quotient = a.value / b.value;
    const double nearest = std::fmax(0.0, std::abs(b.value) - b.error);
    const double given = (a.error + std::abs(quotient) * b.error) / nearest;
    return of(quotient, std::abs(quotient), given + unit * std::abs(quotient));
  }

  friend bool operator<(const Rounded& a, const Rounded& b) { return a.value < b.value; }
  friend bool operator>(const Rounded& a, const Rounded& b) { return a.value > b.value; }
  friend bool operator==(const Rounded& a, const Rounded& b) { return a.value == b.value; }

  friend Rounded exp(const Rounded& a) {
    const double result = std::exp(a.value);
    return of_function(result, result * std::expm1(a.error));
  }
  friend Rounded log(const Rounded& a) {
    return of_function(std::log(a.value), a.error / std::fmax(0.0, a.value - a.error));
  }
  friend Rounded sqrt(const Rounded& a) {
    const double result = std::sqrt(a.value);
    return of_function(result, a.error / (result + std::sqrt(std::fmax(0.0, a.value - a.error))));
  }
  friend Rounded tanh(const Rounded& a) {
    // the slope is largest where the argument may come nearest to 0
    const double nearest = std::fmax(0.0, std::abs(a.value) - a.error);
    const double slope = 1.0 / (std::cosh(nearest) * std::cosh(nearest));
    return of_function(std::tanh(a.value), slope * a.error);
  }

 private:
  // Infinities are exact, and errors mean nothing beside them.
  static Rounded of(double number, double sizes, double bound) {
    Rounded result(number);
    if (std::isfinite(number)) {
      result.size = sizes;
      result.error = bound;
    }
    return result;
  }
  static Rounded of_function(double number, double given) {
    return of(number, std::abs(number), given + function * unit * std::abs(number));
  }
};

inline double value_of(const Rounded& x) { return x.value; }
/// x with another value, known exactly.
inline Rounded with_value(const Rounded&, double value) { return value; }

}  // namespace regard::reference
