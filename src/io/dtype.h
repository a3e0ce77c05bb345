// SPDX-License-Identifier: MIT
// The element types of the safetensors format.
#pragma once

#include <cstddef>
#include <iterator>
#include <optional>
#include <string_view>

namespace regard::io {

/// Every element type of the format, in the order in which the `safetensors` library sorts them:
/// later ones lie first in a file.
enum class Dtype {
  BOOL,
  F4,
  F6_E2M3,
  F6_E3M2,
  U8,
  I8,
  F8_E5M2,
  F8_E4M3,
  F8_E8M0,
  F8_E4M3FNUZ,
  F8_E5M2FNUZ,
  I16,
  U16,
  F16,
  BF16,
  I32,
  U32,
  F32,
  C64,
  F64,
  I64,
  U64,
};

/// What is known of an element type.
struct DtypeFacts {
  const char* name;  ///< as a header has it
  unsigned bits;     ///< of one element
};

/// The facts, in the order of Dtype.
inline constexpr DtypeFacts dtypes[] = {
    {"BOOL", 8},        {"F4", 4},      {"F6_E2M3", 6}, {"F6_E3M2", 6}, {"U8", 8},
    {"I8", 8},          {"F8_E5M2", 8}, {"F8_E4M3", 8}, {"F8_E8M0", 8}, {"F8_E4M3FNUZ", 8},
    {"F8_E5M2FNUZ", 8}, {"I16", 16},    {"U16", 16},    {"F16", 16},    {"BF16", 16},
    {"I32", 32},        {"U32", 32},    {"F32", 32},    {"C64", 64},    {"F64", 64},
    {"I64", 64},        {"U64", 64},
};
static_assert(std::size(dtypes) == static_cast<size_t>(Dtype::U64) + 1);

/// The type's name in a header: `BF16`.
constexpr const char* dtype_name(Dtype dtype) noexcept {
  return dtypes[static_cast<size_t>(dtype)].name;
}

/// How many bits one element takes; fewer than 8 for some.
constexpr unsigned dtype_bits(Dtype dtype) noexcept {
  return dtypes[static_cast<size_t>(dtype)].bits;
}

/// The type of a name, or nothing if the format has no such type.
constexpr std::optional<Dtype> find_dtype(std::string_view name) noexcept {
  for (size_t i = 0; i < std::size(dtypes); ++i) {
    if (name == dtypes[i].name) return static_cast<Dtype>(i);
  }
  return {};
}

}  // namespace regard::io
