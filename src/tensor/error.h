// SPDX-License-Identifier: MIT
// The errors that the engine throws. Their messages name the operation, the operand and what was
// expected: `attention: keys are (2, 3, 6, 9), expected (2, 3, 6, 7)`.
//
// A message is handed over in phrases, `throw ValueError("dropout: p is ", p, ", expected …")`, and
// put together in one place: a sum of strings would cost each throw several times the bytes.
#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <stdexcept>
#include <string>
#include <string_view>

namespace regard {

class Shape;

/// A part of a message: a text, a number (six digits of it, if it is no whole one) or a shape.
/// It borrows what it is made from.
class Phrase {
 public:
  Phrase(const char* text) noexcept : kind_(Kind::literal), literal_(text) {}
  Phrase(const std::string& text) noexcept : kind_(Kind::text), text_(&text) {}
  Phrase(const std::string_view& text) noexcept : kind_(Kind::view), view_(&text) {}
  Phrase(const Shape& shape) noexcept : kind_(Kind::shape), shape_(&shape) {}
  Phrase(std::signed_integral auto value) noexcept : kind_(Kind::whole), whole_(value) {}
  Phrase(std::unsigned_integral auto value) noexcept : kind_(Kind::natural), natural_(value) {}
  Phrase(std::floating_point auto value) noexcept
      : kind_(Kind::number), number_(static_cast<double>(value)) {}
  Phrase(bool) = delete;
  Phrase(char) = delete;

  void append_to(std::string& message) const;

 private:
  enum class Kind { literal, text, view, shape, whole, natural, number };

  Kind kind_;
  union {
    const char* literal_;
    const std::string* text_;
    const std::string_view* view_;
    const Shape* shape_;
    int64_t whole_;
    uint64_t natural_;
    double number_;
  };
};

/// The phrases as one text.
std::string message(std::initializer_list<Phrase> phrases);

/// What every error of the engine derives from; `name()` is the class's name in every language.
class Error : public std::runtime_error {
 public:
  template <std::convertible_to<Phrase>... Phrases>
  explicit Error(const Phrases&... phrases) : Error(std::initializer_list<Phrase>{phrases...}) {}
  virtual const char* name() const noexcept = 0;

 private:
  explicit Error(std::initializer_list<Phrase> phrases);
};

/// Two operands whose shapes do not fit each other.
class ShapeError final : public Error {
 public:
  using Error::Error;
  const char* name() const noexcept override { return "ShapeError"; }
};

/// A number, option or text outside of what an operation accepts.
class ValueError final : public Error {
 public:
  using Error::Error;
  const char* name() const noexcept override { return "ValueError"; }
};

/// A file or buffer that is not what its format prescribes.
class FormatError final : public Error {
 public:
  using Error::Error;
  const char* name() const noexcept override { return "FormatError"; }
};

/// More memory than this host gives, or a size that no host could give.
class OutOfMemoryError final : public Error {
 public:
  using Error::Error;
  const char* name() const noexcept override { return "OutOfMemoryError"; }
};

}  // namespace regard
