// SPDX-License-Identifier: MIT
// The golden files of tests/golden/text, whose README says how they are laid out.
#pragma once

#include <cstdint>
#include <fstream>
#include <iterator>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "tensor/tensor.h"

namespace regard::text {

inline std::string read_golden(const std::string& name) {
  std::ifstream file(std::string(REGARD_GOLDEN_DIR) + "/text/" + name, std::ios::binary);
  if (!file) throw std::runtime_error("no golden file " + name);
  return {std::istreambuf_iterator<char>(file), {}};
}

inline std::span<const uint8_t> as_bytes(const std::string& text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

/// A `.golden` file: a line that says who wrote it, then numbers (LEB128) and strings.
class GoldenReader {
 public:
  explicit GoldenReader(const std::string& name) : bytes_(read_golden(name)) {
    at_ = bytes_.find('\n') + 1;
  }

  Index number() {
    uint64_t value = 0;
    for (int shift = 0;; shift += 7) {
      const auto byte = static_cast<uint8_t>(bytes_.at(at_++));
      value |= static_cast<uint64_t>(byte & 0x7F) << shift;
      if (byte < 0x80) return static_cast<Index>(value);
    }
  }

  std::string string() {
    const auto size = static_cast<size_t>(number());
    const std::string result = bytes_.substr(at_, size);
    at_ += size;
    return result;
  }

  Ids ids() {
    Ids result(static_cast<size_t>(number()));
    for (Id& id : result) id = static_cast<Id>(number());
    return result;
  }

  bool finished() const { return at_ == bytes_.size(); }

 private:
  std::string bytes_;
  size_t at_ = 0;
};

/// The 2,000 lines that every model was tried on; some are no UTF-8.
inline const std::vector<std::string>& golden_lines() {
  static const std::vector<std::string> lines = [] {
    GoldenReader golden("lines.golden");
    std::vector<std::string> result(static_cast<size_t>(golden.number()));
    for (std::string& line : result) line = golden.string();
    return result;
  }();
  return lines;
}

}  // namespace regard::text
