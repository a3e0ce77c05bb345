// SPDX-License-Identifier: MIT
// Sixteen-bit floating point: IEEE 754 binary16 and bfloat16, to and from fp32. Widening is exact;
// narrowing rounds to the nearest, ties to even, overflows to infinity and keeps NaN a NaN.
#pragma once

#include <bit>
#include <cstdint>

namespace regard::io {

/// The value of a binary16's bits.
constexpr float from_half(uint16_t half) noexcept {
  const uint32_t sign = (half & 0x8000u) << 16;
  uint32_t magnitude = (half & 0x7fffu) << 13;

  // Moving the bits into fp32's fields leaves the exponent 112 too low; the product is exact, and
  // it turns subnormals into normal numbers. Infinity and NaN keep their own exponent.
  if (magnitude >= 0x0f800000u) {
    magnitude |= 0x7f800000u;
  } else {
    magnitude = std::bit_cast<uint32_t>(std::bit_cast<float>(magnitude) * 0x1p112f);
  }
  return std::bit_cast<float>(sign | magnitude);
}

/// The bits of the binary16 nearest to a value.
constexpr uint16_t to_half(float value) noexcept {
  const uint32_t bits = std::bit_cast<uint32_t>(value);
  const uint32_t magnitude = bits & 0x7fffffffu;

  uint32_t half;
  if (magnitude > 0x7f800000u) {
    half = 0x7e00u | (magnitude >> 13 & 0x3ffu);
  } else if (magnitude >= 0x477ff000u) {
    // 65520, halfway between the largest binary16 and the next power of two, and all above.
    half = 0x7c00u;
  } else if (magnitude < 0x38800000u) {
    // Below 2^-14 the result counts units of 2^-24, which are the last digit of 0.5 + x.
    half = std::bit_cast<uint32_t>(std::bit_cast<float>(magnitude) + 0.5f) - 0x3f000000u;
  } else {
    // Lower the exponent by 112; just under half a unit, plus the last kept bit, rounds to even.
    half = (magnitude - (112u << 23) + 0xfffu + (magnitude >> 13 & 1u)) >> 13;
  }
  return static_cast<uint16_t>(bits >> 16 & 0x8000u) | static_cast<uint16_t>(half);
}

/// The value of a bfloat16's bits: the upper half of an fp32.
constexpr float from_bfloat(uint16_t bfloat) noexcept {
  return std::bit_cast<float>(static_cast<uint32_t>(bfloat) << 16);
}

/// The bits of the bfloat16 nearest to a value.
constexpr uint16_t to_bfloat(float value) noexcept {
  const uint32_t bits = std::bit_cast<uint32_t>(value);
  if ((bits & 0x7fffffffu) > 0x7f800000u) return static_cast<uint16_t>(bits >> 16 | 0x40u);
  return static_cast<uint16_t>((bits + 0x7fffu + (bits >> 16 & 1u)) >> 16);
}

}  // namespace regard::io
