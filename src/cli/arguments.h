// SPDX-License-Identifier: MIT
#pragma once

#include <map>
#include <string>
#include <vector>

namespace regard::cli {

/// A program's arguments, all of the form `--name value`.
class Arguments {
 public:
  /// names    the options that the program knows, without their dashes
  /// throws   ValueError `--nmae: no such option; there are --config, --data` or `--data: a value
  ///          must follow`
  Arguments(int count, const char* const* words, const std::vector<std::string>& names);

  bool has(const std::string& name) const { return values_.contains(name); }
  /// throws ValueError `--data is needed` if it is not there.
  const std::string& text(const std::string& name) const;
  /// throws ValueError if it is there and no whole number of at least 1.
  long whole(const std::string& name, long fallback) const;

 private:
  std::map<std::string, std::string> values_;
};

}  // namespace regard::cli
