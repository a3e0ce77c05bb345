// SPDX-License-Identifier: MIT
// Reading and writing little-endian numbers in a block of bytes.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "tensor/error.h"

namespace regard::io {

// WebAssembly, x86 and ARM as it is used are little-endian: numbers are copied as they lie.
static_assert(std::endian::native == std::endian::little);

/// Borrowed bytes of a file.
using ByteSpan = std::span<const uint8_t>;
/// Bytes of one's own.
using Bytes = std::vector<uint8_t>;

/// The bytes of a text.
inline ByteSpan bytes_of(std::string_view text) noexcept {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

/// Reads numbers one after the other and never beyond the end.
class ByteReader {
 public:
  /// bytes  borrowed, must outlive the reader
  /// name   what errors call the bytes, usually the file's name
  ByteReader(ByteSpan bytes, std::string name) : bytes_(bytes), name_(std::move(name)) {}

  size_t position() const noexcept { return position_; }
  size_t remaining() const noexcept { return bytes_.size() - position_; }
  bool at_end() const noexcept { return remaining() == 0; }

  /// The next number. throws FormatError if the bytes end before it does.
  template <typename Number>
    requires std::is_arithmetic_v<Number>
  Number read() {
    Number number;
    std::memcpy(&number, take(sizeof number).data(), sizeof number);
    return number;
  }

  /// The next `count` bytes. throws FormatError if there are fewer.
  ByteSpan take(uint64_t count) {
    if (count > remaining()) {
      throw FormatError(name_, ": ends at byte ", bytes_.size(), ", ", count,
                        " more are expected after byte ", position_);
    }
    const ByteSpan taken = bytes_.subspan(position_, static_cast<size_t>(count));
    position_ += static_cast<size_t>(count);
    return taken;
  }

 private:
  ByteSpan bytes_;
  std::string name_;
  size_t position_ = 0;
};

/// Appends a number, little-endian.
template <typename Number>
  requires std::is_arithmetic_v<Number>
void append(Bytes& bytes, Number number) {
  uint8_t parts[sizeof number];
  std::memcpy(parts, &number, sizeof number);
  bytes.insert(bytes.end(), parts, parts + sizeof number);
}

}  // namespace regard::io
