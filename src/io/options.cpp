// SPDX-License-Identifier: MIT
#include "io/options.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "tensor/error.h"

namespace regard::io {

namespace {

ByteSpan bytes_of(const std::string& text) {
  return {reinterpret_cast<const unsigned char*>(text.data()), text.size()};
}

// Whether a name is among others that are separated by spaces.
bool is_among(std::string_view names, std::string_view name) {
  for (size_t begin = 0; begin < names.size();) {
    const size_t end = std::min(names.find(' ', begin), names.size());
    if (names.substr(begin, end - begin) == name) return true;
    begin = end + 1;
  }
  return false;
}

}  // namespace

Options::Options(std::string_view operation, const std::string& text)
    : operation_(operation), object_(Json::Object{}) {
  if (text.empty()) return;
  const std::string name = operation_ + ": options";
  object_ = Json::parse(bytes_of(text), name);
  object_.members(name);
}

void Options::expect_only(std::string_view names) const {
  for (const auto& [name, value] : object_.members(operation_)) {
    if (is_among(names, name)) continue;
    throw ValueError(operation_, ": unknown option '", name, "'");
  }
}

const Json* Options::find(std::string_view name) const noexcept {
  const Json* value = object_.find(name);
  return value && !value->is_null() ? value : nullptr;
}

const Json& Options::required(std::string_view name) const {
  const Json* value = find(name);
  if (!value) throw ValueError(operation_, ": ", name, " is missing");
  return *value;
}

bool Options::flag(std::string_view name, bool fallback) const {
  const Json* value = find(name);
  if (!value) return fallback;
  if (!value->is_boolean()) refuse(name, *value, "true or false");
  return value->boolean(name);
}

std::optional<float> Options::optional_number(std::string_view name) const {
  const Json* value = find(name);
  if (!value) return std::nullopt;
  if (value->is_number()) return static_cast<float>(value->number(name));
  constexpr float infinity = std::numeric_limits<float>::infinity();
  if (value->is_text()) {
    const std::string& text = value->text(name);
    if (text == "Infinity") return infinity;
    if (text == "-Infinity") return -infinity;
    if (text == "NaN") return std::numeric_limits<float>::quiet_NaN();
  }
  refuse(name, *value, "a number");
}

float Options::number(std::string_view name, std::optional<float> fallback) const {
  if (!fallback) required(name);
  const std::optional<float> value = optional_number(name);
  return value ? *value : *fallback;
}

Index Options::whole_of(std::string_view name, const Json& value) const {
  // within 32 bits everywhere, so that what is computed of it has room
  constexpr int64_t most = std::numeric_limits<int32_t>::max();
  if (!value.is_whole()) refuse(name, value, "a whole number");
  const int64_t number = value.whole(name);
  if (number < -most || number > most) refuse(name, value, "a whole number below 2^31");
  return static_cast<Index>(number);
}

Index Options::whole(std::string_view name, std::optional<Index> fallback) const {
  if (fallback && !has(name)) return *fallback;
  return whole_of(name, required(name));
}

std::vector<Index> Options::wholes(std::string_view name) const {
  const Json* value = find(name);
  if (!value) return {};
  if (!value->is_array()) return {whole_of(name, *value)};
  std::vector<Index> numbers;
  for (const Json& item : value->items(name)) numbers.push_back(whole_of(name, item));
  return numbers;
}

uint64_t Options::seed(std::string_view name) const {
  const Json* value = find(name);
  if (!value) return 0;
  if (!value->is_whole() || value->whole(name) < 0) refuse(name, *value, "a whole number from 0");
  return static_cast<uint64_t>(value->whole(name));
}

std::string Options::text(std::string_view name) const {
  const Json& value = required(name);
  if (!value.is_text()) refuse(name, value, "a text");
  return value.text(name);
}

std::vector<std::string> Options::texts(std::string_view name) const {
  std::vector<std::string> found;
  const Json* value = find(name);
  if (!value) return found;
  if (!value->is_array()) refuse(name, *value, "a list of texts");
  for (const Json& item : value->items(name)) {
    if (!item.is_text()) refuse(name, item, "a text");
    found.push_back(item.text(name));
  }
  return found;
}

size_t Options::choice(std::string_view name, std::initializer_list<const char*> choices,
                       std::optional<size_t> fallback) const {
  if (fallback && !has(name)) return *fallback;
  const Json& value = required(name);
  std::string expected = "one of ";
  size_t index = 0;
  for (const char* choice : choices) {
    if (value.is_text() && value.text(name) == choice) return index;
    if (index++) expected += ", ";
    expected += std::string("'") + choice + "'";
  }
  refuse(name, value, expected);
}

void Options::refuse(std::string_view name, const Json& value, std::string_view expected) const {
  std::string shown = value.to_string();
  if (shown.size() > 80) shown = "too long to show";
  throw ValueError(operation_, ": ", name, " is ", shown, ", expected ", expected);
}

}  // namespace regard::io
