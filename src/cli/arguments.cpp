// SPDX-License-Identifier: MIT
#include "cli/arguments.h"

#include <algorithm>
#include <charconv>

#include "tensor/error.h"

namespace regard::cli {

Arguments::Arguments(int count, const char* const* words, const std::vector<std::string>& names) {
  for (int i = 1; i < count; i += 2) {
    const std::string word = words[i];
    const std::string name = word.starts_with("--") ? word.substr(2) : "";
    if (std::find(names.begin(), names.end(), name) == names.end()) {
      std::string known;
      for (const auto& each : names) known += (known.empty() ? "--" : ", --") + each;
      throw ValueError(word + ": no such option; there are " + known);
    }
    if (i + 1 == count) throw ValueError(word + ": a value must follow");
    values_[name] = words[i + 1];
  }
}

const std::string& Arguments::text(const std::string& name) const {
  const auto found = values_.find(name);
  if (found == values_.end()) throw ValueError("--" + name + " is needed");
  return found->second;
}

long Arguments::whole(const std::string& name, long fallback) const {
  const auto found = values_.find(name);
  if (found == values_.end()) return fallback;
  const std::string& word = found->second;
  long value = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (error != std::errc() || end != word.data() + word.size() || value < 1) {
    throw ValueError("--" + name + " is " + word + ", expected a whole number from 1 on");
  }
  return value;
}

}  // namespace regard::cli
