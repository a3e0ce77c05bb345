// SPDX-License-Identifier: MIT
// The options of one operation, as JSON has them: read by name, refused by name.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "io/json.h"
#include "tensor/shape.h"

namespace regard::io {

/// Options by name. Numbers for which JSON has no word are texts: "Infinity", "-Infinity", "NaN".
/// All readers throw ValueError `attention: scale is "wide", expected a number`; where there is no
/// fallback, `slice: start is missing`.
class Options {
 public:
  /// text     a JSON object, or nothing
  /// throws   FormatError if it is something else
  Options(std::string_view operation, const std::string& text);
  /// The members of an object among another's.
  Options(std::string_view operation, Json object)
      : operation_(operation), object_(std::move(object)) {}

  /// throws ValueError `attention: unknown option 'maks'` for an option that is not among the
  ///        names, which are separated by spaces.
  void expect_only(std::string_view names) const;

  const std::string& operation() const noexcept { return operation_; }
  /// An option that is there and not null.
  const Json* find(std::string_view name) const noexcept;
  bool has(std::string_view name) const noexcept { return find(name) != nullptr; }

  bool flag(std::string_view name, bool fallback = false) const;
  float number(std::string_view name, std::optional<float> fallback = {}) const;
  std::optional<float> optional_number(std::string_view name) const;
  Index whole(std::string_view name, std::optional<Index> fallback = {}) const;
  /// A whole number or a list of them; empty if absent.
  std::vector<Index> wholes(std::string_view name) const;
  uint64_t seed(std::string_view name) const;
  std::string text(std::string_view name) const;
  std::vector<std::string> texts(std::string_view name) const;
  /// Which of the choices it is.
  size_t choice(std::string_view name, std::initializer_list<const char*> choices,
                std::optional<size_t> fallback = {}) const;

  [[noreturn]] void refuse(std::string_view name, const Json& value,
                           std::string_view expected) const;

 private:
  const Json& required(std::string_view name) const;
  Index whole_of(std::string_view name, const Json& value) const;

  std::string operation_;
  Json object_;
};

}  // namespace regard::io
