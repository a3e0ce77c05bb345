// SPDX-License-Identifier: MIT
// Protocol Buffers documentation, "Encoding": a tag is field << 3 | kind, a varint holds seven bits
// a byte, lowest first; groups (kinds 3 and 4) are long deprecated and not read.
#include "text/wire.h"

#include <cstring>

#include "tensor/error.h"

namespace regard::text {

bool WireReader::next() {
  if (rest_.empty()) return false;
  const uint64_t tag = varint();
  const uint64_t kind = tag & 7, field = tag >> 3;
  if (field == 0 || field > 0x1FFFFFFF) fail({"a field has the number ", field});
  if (kind != 0 && kind != 1 && kind != 2 && kind != 5) {
    fail({"field ", field, " is of the unknown kind ", kind});
  }
  tag_ = static_cast<uint32_t>(tag);
  return true;
}

uint64_t WireReader::varint() {
  uint64_t value = 0;
  for (unsigned shift = 0; shift < 64; shift += 7) {
    const auto byte = static_cast<uint8_t>(take(1)[0]);
    value |= static_cast<uint64_t>(byte & 0x7F) << shift;
    if (byte < 0x80) return value;
  }
  fail({"a number is longer than ten bytes"});
}

float WireReader::fixed32() {
  const std::string_view bytes = take(4);
  uint32_t bits = 0;
  for (size_t i = 4; i-- > 0;) bits = bits << 8 | static_cast<uint8_t>(bytes[i]);
  float value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

std::string_view WireReader::bytes() { return take(varint()); }

void WireReader::skip() {
  switch (static_cast<WireKind>(tag_ & 7)) {
    case WireKind::varint:
      varint();
      break;
    case WireKind::fixed64:
      take(8);
      break;
    case WireKind::bytes:
      bytes();
      break;
    case WireKind::fixed32:
      take(4);
      break;
  }
}

void WireReader::fail(std::initializer_list<Phrase> complaint) const {
  throw FormatError(file_, ": ", message(complaint));
}

std::string_view WireReader::take(uint64_t count) {
  if (count > rest_.size()) {
    fail({"a field of ", count, " bytes, but ", rest_.size(), " are left"});
  }
  const std::string_view taken = rest_.substr(0, static_cast<size_t>(count));
  rest_.remove_prefix(static_cast<size_t>(count));
  return taken;
}

}  // namespace regard::text
