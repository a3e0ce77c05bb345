// SPDX-License-Identifier: MIT
#include "tensor/error.h"

#include <cmath>

#include "tensor/shape.h"

namespace regard {

namespace {

void append_natural(uint64_t value, std::string& message) {
  const size_t begin = message.size();
  do {
    message.insert(message.begin() + static_cast<std::ptrdiff_t>(begin),
                   static_cast<char>('0' + value % 10));
    value /= 10;
  } while (value);
}

void append_whole(int64_t value, std::string& message) {
  if (value < 0) message += '-';
  const auto bits = static_cast<uint64_t>(value);
  append_natural(value < 0 ? 0 - bits : bits, message);
}

// Six significant digits, as C's "%g" prints them: the printing of the standard library would be 4
// kB of a compressed module.
void append_number(double value, std::string& message) {
  if (std::isnan(value)) {
    message += "nan";
    return;
  }
  if (std::signbit(value)) message += '-';
  double size = std::fabs(value);
  if (std::isinf(size)) {
    message += "inf";
    return;
  }

  // size = digits 10^(exponent - 5), with 100,000 <= digits < 1,000,000
  int exponent = 0;
  for (; size >= 10; size /= 10) ++exponent;
  for (; size != 0 && size < 1; size *= 10) --exponent;
  auto digits = static_cast<uint64_t>(size * 1e5 + 0.5);
  if (digits == 1'000'000) {
    digits = 100'000;
    ++exponent;
  }
  std::string text;
  append_natural(digits, text);
  if (digits == 0) text = "000000";

  // where the point stands: after the first digit, before an exponent, or where it belongs
  const bool scientific = exponent < -4 || exponent > 5;
  const int before = scientific ? 1 : exponent + 1;
  if (before <= 0) text.insert(0, static_cast<size_t>(1 - before), '0');
  text.insert(before <= 0 ? 1 : static_cast<size_t>(before), 1, '.');
  text.resize(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  message += text;
  if (scientific) {
    message += 'e';
    append_whole(exponent, message);
  }
}

}  // namespace

void Phrase::append_to(std::string& message) const {
  switch (kind_) {
    case Kind::literal:
      message += literal_;
      break;
    case Kind::text:
      message += *text_;
      break;
    case Kind::view:
      message += *view_;
      break;
    case Kind::shape:
      message += shape_->to_string();
      break;
    case Kind::whole:
      append_whole(whole_, message);
      break;
    case Kind::natural:
      append_natural(natural_, message);
      break;
    case Kind::number:
      append_number(number_, message);
      break;
  }
}

std::string message(std::initializer_list<Phrase> phrases) {
  std::string text;
  for (const Phrase& phrase : phrases) phrase.append_to(text);
  return text;
}

Error::Error(std::initializer_list<Phrase> phrases) : std::runtime_error(message(phrases)) {}

}  // namespace regard
