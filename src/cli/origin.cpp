// SPDX-License-Identifier: MIT
#include "cli/origin.h"

#include <algorithm>
#include <charconv>

#include "io/json.h"

namespace regard::cli {

namespace {

// FNV-1a over whatever is put into it [Fowler, Noll and Vo].
class Fingerprint {
 public:
  void add(io::ByteSpan bytes) {
    for (const uint8_t byte : bytes) value_ = (value_ ^ byte) * 0x100000001b3u;
  }
  void add(const Ids& ids) {
    add({reinterpret_cast<const uint8_t*>(ids.data()), ids.size() * sizeof(Id)});
  }
  std::string text() const {
    char digits[16];
    const auto [end, error] = std::to_chars(digits, digits + sizeof(digits), value_, 16);
    return std::string(digits, end);
  }

 private:
  uint64_t value_ = 0xcbf29ce484222325u;
};

std::string sizes(const models::TransformerConfig& config) {
  return message({"vocabulary ",     config.V,
                  " and ",           config.target_V,
                  ", width ",        config.M,
                  ", layers ",       config.encoder_layers,
                  " and ",           config.decoder_layers,
                  ", heads ",        config.encoder_heads,
                  " and ",           config.decoder_heads,
                  ", feed-forward ", config.encoder_F,
                  " and ",           config.decoder_F,
                  ", activation ",   static_cast<int>(config.activation),
                  ", norm ",         static_cast<int>(config.norm),
                  ", positions ",    static_cast<int>(config.positions),
                  ", scaled ",       static_cast<int>(config.scale_embedding),
                  ", shared ",       static_cast<int>(config.share_embeddings)});
}

std::string entry(const io::Metadata& metadata, const std::string& key) {
  const auto found = metadata.find(key);
  return found == metadata.end() ? "" : found->second;
}

std::string shown(const io::Json* value) { return value ? value->to_string() : "nothing"; }

// "warmup is 500, was 1000" for each key that differs.
void compare_settings(const std::string& then, const std::string& now, const std::string& name,
                      std::vector<std::string>& found) {
  if (then == now || then.empty()) return;
  const auto before = io::Json::parse(io::bytes_of(then), name);
  const auto after = io::Json::parse(io::bytes_of(now), name);
  std::vector<std::string> keys;
  for (const io::Json* json : {&before, &after}) {
    for (const auto& [key, value] : json->members(name)) {
      if (std::find(keys.begin(), keys.end(), key) == keys.end()) keys.push_back(key);
    }
  }
  for (const std::string& key : keys) {
    const std::string old = shown(before.find(key)), fresh = shown(after.find(key));
    if (old != fresh) found.push_back(key + " is " + fresh + ", was " + old);
  }
}

}  // namespace

io::Metadata origin_of(const models::TransformerConfig& config, const models::Folder& files,
                       const std::vector<training::Pair>& pairs, const std::string& settings) {
  Fingerprint vocabulary, data;
  for (const char* name : {"source.spm", "target.spm", "vocab.json", "target_vocab.json"}) {
    const auto file = files.find(name);
    if (file != files.end()) vocabulary.add(file->second);
  }
  for (const training::Pair& pair : pairs) {
    data.add(pair.source);
    data.add(pair.target);
  }
  return {{"model", sizes(config)},
          {"vocabulary", vocabulary.text()},
          {"data", data.text()},
          {"settings", settings}};
}

std::vector<std::string> changes(const io::Metadata& then, const io::Metadata& now,
                                 const std::string& name) {
  const std::string advice =
      ": move it away to begin anew, or begin with what fits of its model by start_from";
  const auto same = [&](const char* key) { return entry(then, key) == entry(now, key); };
  if (!same("model")) {
    throw ValueError(name, ": is of another model (", entry(then, "model"), "), config.json has (",
                     entry(now, "model"), ")" + advice);
  }
  if (!same("vocabulary")) {
    throw ValueError(name, ": is of another vocabulary than source.spm, target.spm and vocab.json",
                     advice);
  }
  std::vector<std::string> found;
  if (!same("data")) found.push_back("the pairs to train on are others than before");
  compare_settings(entry(then, "settings"), entry(now, "settings"), name, found);
  return found;
}

}  // namespace regard::cli
