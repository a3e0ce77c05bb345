// SPDX-License-Identifier: MIT
#include "text/vocabulary.h"

#include "io/json.h"
#include "tensor/error.h"

namespace regard::text {

Vocabulary Vocabulary::read(io::ByteSpan json, const std::string& name) {
  const io::Json file = io::Json::parse(json, name, {.allow_duplicates = false});
  const io::Json::Object& members = file.members(name);
  const auto size = static_cast<int64_t>(members.size());

  // one token for each id leaves no gap
  Vocabulary vocabulary;
  vocabulary.tokens_.resize(members.size());
  std::vector<bool> taken(members.size());
  StringIds ids;
  for (const auto& [token, value] : members) {
    const std::string who = name + ": the id of \"" + token + "\"";
    const int64_t id = value.whole(who);
    if (id < 0 || id >= size) {
      throw FormatError(who, " is ", id, ", expected 0 … ", size - 1, ", as there are ", size,
                        " tokens");
    }
    const auto place = static_cast<size_t>(id);
    if (taken[place]) {
      throw FormatError(who, " is ", id, ", as is that of \"", vocabulary.tokens_[place], "\"");
    }
    taken[place] = true;
    vocabulary.tokens_[place] = token;
    ids.emplace_back(token, static_cast<Id>(id));
  }
  vocabulary.ids_ = PieceTrie(std::move(ids));
  return vocabulary;
}

}  // namespace regard::text
