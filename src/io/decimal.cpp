// SPDX-License-Identifier: MIT
#include "io/decimal.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <vector>

namespace regard::io {

namespace {

// A whole number of any size.
class Whole {
 public:
  void multiply_add(uint32_t factor, uint32_t term) {
    uint64_t carry = term;
    for (uint32_t& word : words_) {
      carry += uint64_t{word} * factor;
      word = static_cast<uint32_t>(carry);
      carry >>= 32;
    }
    if (carry) words_.push_back(static_cast<uint32_t>(carry));
  }

  // Whether there was a remainder.
  bool divide(uint32_t divisor) {
    uint64_t rest = 0;
    for (size_t i = words_.size(); i-- > 0;) {
      rest = rest << 32 | words_[i];
      words_[i] = static_cast<uint32_t>(rest / divisor);
      rest %= divisor;
    }
    while (!words_.empty() && words_.back() == 0) words_.pop_back();
    return rest != 0;
  }

  void shift_left(int words) { words_.insert(words_.begin(), static_cast<size_t>(words), 0); }

  int bits() const {
    if (words_.empty()) return 0;
    return static_cast<int>(32 * words_.size()) - std::countl_zero(words_.back());
  }

  bool bit(int place) const {
    return place >= 0 && (words_[static_cast<size_t>(place / 32)] >> (place % 32) & 1);
  }

 private:
  std::vector<uint32_t> words_;  // the lowest first; none of them for 0
};

// Digits beyond these cannot be told apart from a 1: no double and no middle of two has more.
constexpr int most_digits = 800;

struct Decimal {
  bool negative = false;
  Whole digits;
  int count = 0;      // how many digits that is, without leading zeros
  bool more = false;  // whether there are further ones, not all 0
  int exponent = 0;   // of ten
};

Decimal parse(std::string_view text) {
  Decimal number;
  bool fraction = false;
  size_t i = 0;
  for (; i < text.size() && text[i] != 'e' && text[i] != 'E'; ++i) {
    const char next = text[i];
    if (next == '-') number.negative = true;
    if (next == '.') fraction = true;
    if (next < '0' || next > '9') continue;
    if (number.count == most_digits) {
      number.more |= next != '0';
      number.exponent += !fraction;
    } else {
      number.digits.multiply_add(10, static_cast<uint32_t>(next - '0'));
      number.count += number.digits.bits() > 0;
      number.exponent -= fraction;
    }
  }

  int exponent = 0;
  const bool small = i + 1 < text.size() && text[i + 1] == '-';
  for (; i < text.size(); ++i) {
    if (text[i] < '0' || text[i] > '9') continue;
    exponent = std::min(10 * exponent + (text[i] - '0'), 100'000'000);
  }
  number.exponent += small ? -exponent : exponent;
  return number;
}

}  // namespace

double read_decimal(std::string_view text) {
  Decimal number = parse(text);
  const double sign = number.negative ? -1.0 : 1.0;
  if (number.count == 0 || number.count + number.exponent < -330) return sign * 0.0;
  if (number.count + number.exponent > 310) return sign * INFINITY;

  // digits 10^exponent = whole 2^shift, whole of 64 bits at least if anything is cut off
  Whole& whole = number.digits;
  bool more = number.more;
  int shift = 0;
  if (number.exponent < 0) {
    const int words = -number.exponent / 9 + 3;  // a word is more than 9 digits
    whole.shift_left(words);
    shift = -32 * words;
  }
  for (int left = std::abs(number.exponent); left > 0; left -= 9) {
    uint32_t power = 1;
    for (int i = 0; i < std::min(left, 9); ++i) power *= 10;
    if (number.exponent < 0) {
      more |= whole.divide(power);
    } else {
      whole.multiply_add(power, 0);
    }
  }

  // its first 53 bits, or as many as a number this small has
  const int bits = whole.bits();
  const int kept = std::min(53, bits + shift + 1074);
  if (kept < 0) return sign * 0.0;
  int place = bits - 1;
  uint64_t mantissa = 0;
  for (; place >= bits - kept; --place) mantissa = mantissa << 1 | uint64_t{whole.bit(place)};

  // rounded by the bit after them and by what follows it
  const bool half = whole.bit(place--);
  for (; place >= 0 && !more; --place) more = whole.bit(place);
  if (half && (more || (mantissa & 1))) ++mantissa;
  return sign * std::ldexp(static_cast<double>(mantissa), bits + shift - kept);
}

}  // namespace regard::io
