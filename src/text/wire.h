// SPDX-License-Identifier: MIT
// Protocol buffers' wire format, read field by field from bytes that nobody vouches for.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string_view>

#include "tensor/error.h"

namespace regard::text {

/// What a field's bytes look like.
enum class WireKind : uint32_t { varint = 0, fixed64 = 1, bytes = 2, fixed32 = 5 };

/// How a field announces itself: its number and its kind.
constexpr uint32_t wire_tag(uint32_t field, WireKind kind) noexcept {
  return field << 3 | static_cast<uint32_t>(kind);
}

/// Reads one message. Every method throws FormatError "source.spm: …", with the name of the file
/// that it was given, if the message ends too early.
///
///     while (reader.next()) switch (reader.tag()) { case wire_tag(1, …): … default: reader.skip();
///     }
class WireReader {
 public:
  /// message  the bytes of one message; must outlive the reader
  /// file     the name that errors begin with; must outlive the reader
  WireReader(std::string_view message, std::string_view file) noexcept
      : rest_(message), file_(file) {}

  /// Moves to the next field; false at the end of the message. The field before must have been
  /// read or skipped. A known field of an unexpected kind has another tag, so it is skipped like
  /// a field that nobody knows.
  bool next();
  uint32_t tag() const noexcept { return tag_; }

  uint64_t varint();
  float fixed32();
  /// A string or a message inside; a view into the message.
  std::string_view bytes();
  void skip();

  /// throws FormatError "file: complaint".
  [[noreturn]] void fail(std::initializer_list<Phrase> complaint) const;

 private:
  std::string_view take(uint64_t count);

  std::string_view rest_;
  std::string_view file_;
  uint32_t tag_ = 0;
};

}  // namespace regard::text
