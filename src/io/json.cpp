// SPDX-License-Identifier: MIT
#include "io/json.h"

#include <rapidjson/error/en.h>
#include <rapidjson/reader.h>
#include <rapidjson/writer.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <utility>

#include "io/decimal.h"
#include "tensor/error.h"
#include "tensor/order.h"

namespace regard::io {
namespace {

// The text as RapidJSON reads it: without a byte order mark, zeros after the end.
class Input {
 public:
  using Ch = char;

  explicit Input(ByteSpan text) : text_(text) {
    constexpr uint8_t mark[] = {0xef, 0xbb, 0xbf};
    if (text.size() >= 3 && std::equal(mark, mark + 3, text.begin())) position_ = 3;
  }

  char Peek() const {
    return position_ < text_.size() ? static_cast<char>(text_[position_]) : '\0';
  }
  char Take() {
    const char next = Peek();
    ++position_;
    return next;
  }
  size_t Tell() const { return position_; }

  // what only a text that is read in its own place needs
  char* PutBegin() { return nullptr; }
  void Put(char) {}
  size_t PutEnd(char*) { return 0; }

 private:
  ByteSpan text_;
  size_t position_ = 0;
};

// RapidJSON tells this what it reads. A callback that returns false ends the reading; `complaint`
// then says why.
class Builder {
 public:
  explicit Builder(const JsonOptions& options) : options_(options), open_(1) {}

  bool Null() { return put(Json()); }
  bool Bool(bool value) { return put(value); }
  // Numbers come as texts, see decimal.h.
  bool RawNumber(const char* text, rapidjson::SizeType length, bool) {
    int64_t whole = 0;
    const auto [end, error] = std::from_chars(text, text + length, whole);
    if (error == std::errc() && end == text + length) return put(whole);
    const double number = read_decimal({text, length});
    if (std::isfinite(number)) return put(number);
    complaint = "a number is too large for a double";
    return false;
  }
  bool Int(int) { return false; }
  bool Uint(unsigned) { return false; }
  bool Int64(int64_t) { return false; }
  bool Uint64(uint64_t) { return false; }
  bool Double(double) { return false; }

  bool String(const char* text, rapidjson::SizeType length, bool) {
    std::string value;
    return copy(text, length, value) && put(std::move(value));
  }
  bool Key(const char* text, rapidjson::SizeType length, bool) {
    return copy(text, length, open_.back().key);
  }

  bool StartObject() { return open(false); }
  bool EndObject(rapidjson::SizeType) {
    Json::Object members = std::move(open_.back().members);
    open_.pop_back();
    return (options_.allow_duplicates || has_no_duplicate(members)) && put(std::move(members));
  }
  bool StartArray() { return open(true); }
  bool EndArray(rapidjson::SizeType) {
    Json::Array items = std::move(open_.back().items);
    open_.pop_back();
    return put(std::move(items));
  }

  Json root() { return std::move(open_.front().items.front()); }

  std::string complaint;

 private:
  // An array or object of which the end has not come yet.
  struct Open {
    bool is_array = true;
    std::string key;
    Json::Array items;
    Json::Object members;
  };

  // Not inlined: one copy is enough, and GCC 12 would take the value for uninitialized.
  [[gnu::noinline]] bool put(Json&& value) {
    Open& last = open_.back();
    if (last.is_array) {
      last.items.push_back(std::move(value));
    } else {
      last.members.emplace_back(std::move(last.key), std::move(value));
    }
    return true;
  }

  bool open(bool is_array) {
    if (static_cast<int>(open_.size()) > options_.max_depth) {
      complaint = message({"values nest deeper than ", options_.max_depth});
      return false;
    }
    open_.emplace_back().is_array = is_array;
    return true;
  }

  // The bytes of the text are valid UTF-8 by now, but an escape like \udc00 may still have put half
  // of a surrogate pair into it.
  bool copy(const char* text, size_t length, std::string& into) {
    into.assign(text, length);
    for (size_t i = 0; i + 1 < length; ++i) {
      if (static_cast<uint8_t>(text[i]) == 0xed && static_cast<uint8_t>(text[i + 1]) >= 0xa0) {
        complaint = "an escape is half of a surrogate pair";
        return false;
      }
    }
    return true;
  }

  bool has_no_duplicate(const Json::Object& members) {
    const auto key = [&](size_t member) -> const std::string& { return members[member].first; };
    const std::vector<size_t> order =
        ordered(members.size(), [&](size_t a, size_t b) { return key(a) < key(b); });
    const auto twin = std::adjacent_find(order.begin(), order.end(),
                                         [&](size_t a, size_t b) { return key(a) == key(b); });
    if (twin == order.end()) return true;
    complaint = message({"the key ", Json(key(*twin)).to_string(), " is there twice"});
    return false;
  }

  JsonOptions options_;
  std::vector<Open> open_;  // outermost first; the very first is an array that holds the root
};

// RapidJSON's sentence without its capital and full stop.
std::string explanation(rapidjson::ParseErrorCode code) {
  std::string sentence = rapidjson::GetParseError_En(code);
  if (sentence.size() > 1 && sentence[1] >= 'a' && sentence[0] < 'a') sentence[0] += 'a' - 'A';
  if (sentence.ends_with('.')) sentence.pop_back();
  return sentence;
}

// What RapidJSON writes to.
struct Output {
  using Ch = char;

  void Put(char next) { text += next; }
  void Flush() {}

  std::string text;
};

using Writer = rapidjson::Writer<Output, rapidjson::UTF8<>, rapidjson::UTF8<>,
                                 rapidjson::CrtAllocator, rapidjson::kWriteValidateEncodingFlag>;

void write_text(Writer& writer, const std::string& text) {
  if (!writer.String(text.data(), static_cast<rapidjson::SizeType>(text.size()))) {
    throw ValueError("json: a text is not UTF-8, as JSON must be");
  }
}

void write(Writer& writer, const Json& json) {
  if (json.is_null()) {
    writer.Null();
  } else if (json.is_boolean()) {
    writer.Bool(json.boolean(""));
  } else if (json.is_whole()) {
    writer.Int64(json.whole(""));
  } else if (json.is_number()) {
    if (!writer.Double(json.number(""))) {
      throw ValueError("json: a number is infinite or NaN, which JSON cannot hold");
    }
  } else if (json.is_text()) {
    write_text(writer, json.text(""));
  } else if (json.is_array()) {
    writer.StartArray();
    for (const Json& item : json.items("")) write(writer, item);
    writer.EndArray();
  } else {
    writer.StartObject();
    for (const auto& [key, value] : json.members("")) {
      write_text(writer, key);
      write(writer, value);
    }
    writer.EndObject();
  }
}

// The value as an error shows it.
std::string excerpt(const Json& json) {
  if (json.is_array()) return "an array";
  if (json.is_object()) return "an object";
  std::string text = json.to_string();
  constexpr size_t enough = 40;
  if (text.size() <= enough) return text;
  size_t end = enough;
  while ((static_cast<uint8_t>(text[end]) & 0xc0) == 0x80) --end;  // not inside of a character
  return text.substr(0, end) + "…";
}

}  // namespace

Json Json::parse(ByteSpan text, const std::string& name, const JsonOptions& options) {
  Input stream(text);
  rapidjson::Reader reader;
  Builder builder(options);

  // Iterative: the depth of the text must not become the depth of the stack.
  constexpr unsigned flags = rapidjson::kParseIterativeFlag |
                             rapidjson::kParseValidateEncodingFlag |
                             rapidjson::kParseNumbersAsStringsFlag;
  const rapidjson::ParseResult result = reader.Parse<flags>(stream, builder);
  if (result.IsError()) {
    const std::string why =
        builder.complaint.empty() ? explanation(result.Code()) : builder.complaint;
    throw FormatError(name, ": ", why, ", at byte ", result.Offset());
  }

  // RapidJSON takes a zero byte for the end.
  if (stream.Tell() < text.size()) {
    throw FormatError(name, ": the text goes on after its value, at byte ", stream.Tell());
  }
  return builder.root();
}

template <typename Type>
const Type& Json::as(std::string_view what, const char* expected) const {
  if (const Type* value = std::get_if<Type>(&value_)) return *value;
  throw FormatError(what, " is ", excerpt(*this), ", expected ", expected);
}

bool Json::boolean(std::string_view what) const { return as<bool>(what, "true or false"); }
int64_t Json::whole(std::string_view what) const { return as<int64_t>(what, "a whole number"); }
double Json::number(std::string_view what) const {
  if (is_whole()) return static_cast<double>(std::get<int64_t>(value_));
  return as<double>(what, "a number");
}
const std::string& Json::text(std::string_view what) const {
  return as<std::string>(what, "a text");
}
const Json::Array& Json::items(std::string_view what) const { return as<Array>(what, "an array"); }
const Json::Object& Json::members(std::string_view what) const {
  return as<Object>(what, "an object");
}

const Json* Json::find(std::string_view key) const noexcept {
  const Object* members = std::get_if<Object>(&value_);
  if (!members) return nullptr;
  const auto member = std::find_if(members->rbegin(), members->rend(),
                                   [key](const Member& one) { return one.first == key; });
  return member == members->rend() ? nullptr : &member->second;
}

std::string Json::to_string() const {
  Output output;
  Writer writer(output);
  write(writer, *this);
  return std::move(output.text);
}

Fields::Fields(const Json& object, std::string name) : object_(object), name_(std::move(name)) {
  object.members(name_);
}

const Json* Fields::present(std::string_view key) const noexcept {
  const Json* value = object_.find(key);
  return value && !value->is_null() ? value : nullptr;
}

std::string Fields::what(std::string_view key) const { return name_ + ": " + std::string(key); }

bool Fields::has(std::string_view key) const noexcept { return present(key) != nullptr; }

const Json& Fields::value(std::string_view key) const {
  if (const Json* value = present(key)) return *value;
  throw FormatError(what(key), " is missing");
}

bool Fields::boolean(std::string_view key, std::optional<bool> fallback) const {
  if (fallback && !has(key)) return *fallback;
  return value(key).boolean(what(key));
}
int64_t Fields::whole(std::string_view key, std::optional<int64_t> fallback) const {
  if (fallback && !has(key)) return *fallback;
  return value(key).whole(what(key));
}
double Fields::number(std::string_view key, std::optional<double> fallback) const {
  if (fallback && !has(key)) return *fallback;
  return value(key).number(what(key));
}
std::string Fields::text(std::string_view key, std::optional<std::string> fallback) const {
  if (fallback && !has(key)) return *std::move(fallback);
  return value(key).text(what(key));
}

}  // namespace regard::io
