// SPDX-License-Identifier: MIT
// JSON as values: parsed with full validation, read with errors that name the file and the key,
// written in the order in which it was put together.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "io/bytes.h"

namespace regard::io {

/// What Json::parse refuses beyond what is not JSON.
struct JsonOptions {
  int max_depth = 64;            ///< how deep arrays and objects may nest
  bool allow_duplicates = true;  ///< whether an object may have a key twice; the last one counts
};

/// A JSON value. Objects keep the order of their members.
class Json {
 public:
  using Array = std::vector<Json>;
  using Member = std::pair<std::string, Json>;
  using Object = std::vector<Member>;

  /// null
  Json() = default;
  Json(bool value) : value_(value) {}
  Json(int value) : value_(int64_t{value}) {}
  Json(int64_t value) : value_(value) {}
  Json(double value) : value_(value) {}
  Json(const char* value) : value_(std::string(value)) {}
  Json(std::string value) : value_(std::move(value)) {}
  Json(Array value) : value_(std::move(value)) {}
  Json(Object value) : value_(std::move(value)) {}

  /// The value of a JSON text in UTF-8, with or without a byte order mark.
  ///
  /// name     what errors call the text, usually the file's name
  /// throws   FormatError `config.json: … at byte 12` where the text is no JSON, no UTF-8, nests
  ///          too deep, repeats a key that it may not, or goes on after its value
  static Json parse(ByteSpan text, const std::string& name, const JsonOptions& options = {});

  bool is_null() const noexcept { return std::holds_alternative<std::monostate>(value_); }
  bool is_boolean() const noexcept { return std::holds_alternative<bool>(value_); }
  /// Written without fraction and exponent, and within int64.
  bool is_whole() const noexcept { return std::holds_alternative<int64_t>(value_); }
  bool is_number() const noexcept { return is_whole() || std::holds_alternative<double>(value_); }
  bool is_text() const noexcept { return std::holds_alternative<std::string>(value_); }
  bool is_array() const noexcept { return std::holds_alternative<Array>(value_); }
  bool is_object() const noexcept { return std::holds_alternative<Object>(value_); }

  // The value as what it must be. `what` begins the error: with `config.json: d_model` it says
  // `config.json: d_model is "x", expected a whole number`.
  //
  // throws  FormatError if it is something else
  bool boolean(std::string_view what) const;
  int64_t whole(std::string_view what) const;
  double number(std::string_view what) const;
  const std::string& text(std::string_view what) const;
  const Array& items(std::string_view what) const;
  const Object& members(std::string_view what) const;

  /// A member of an object, the last of that key; nullptr if there is none or this is no object.
  /// Cost: one pass over the members.
  const Json* find(std::string_view key) const noexcept;

  /// The value as a JSON text without spaces. Numbers read back as they were.
  /// throws ValueError if it holds an infinity or NaN, for which JSON has no word, or a text that
  ///        is not UTF-8
  std::string to_string() const;

 private:
  template <typename Type>
  const Type& as(std::string_view what, const char* expected) const;

  std::variant<std::monostate, bool, int64_t, double, std::string, Array, Object> value_;
};

/// An object whose members are read by name, as a configuration's are:
/// `Fields(json, "config.json").whole("d_model")`.
class Fields {
 public:
  /// Borrows the object. throws FormatError if it is none.
  Fields(const Json& object, std::string name);

  /// Whether there is such a member and it is not null.
  bool has(std::string_view key) const noexcept;

  // A member's value; without a fallback it must be there. A member that is null counts as absent.
  //
  // throws  FormatError `config.json: d_model is missing` or `… is "x", expected a whole number`
  bool boolean(std::string_view key, std::optional<bool> fallback = {}) const;
  int64_t whole(std::string_view key, std::optional<int64_t> fallback = {}) const;
  double number(std::string_view key, std::optional<double> fallback = {}) const;
  std::string text(std::string_view key, std::optional<std::string> fallback = {}) const;
  const Json& value(std::string_view key) const;

 private:
  const Json* present(std::string_view key) const noexcept;
  std::string what(std::string_view key) const;

  const Json& object_;
  std::string name_;
};

}  // namespace regard::io
