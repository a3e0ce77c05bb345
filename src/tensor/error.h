// SPDX-License-Identifier: MIT
// The errors that the engine throws. Their messages name the operation, the operand and what was
// expected: `attention: keys are (2, 3, 6, 9), expected (2, 3, 6, 7)`.
#pragma once

#include <stdexcept>
#include <string>

namespace regard {

/// What every error of the engine derives from; `name()` is the class's name in every language.
class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
  virtual const char* name() const noexcept = 0;
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
