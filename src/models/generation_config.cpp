// SPDX-License-Identifier: MIT
#include "models/generation_config.h"

#include <algorithm>
#include <string>

#include "tensor/error.h"

namespace regard::models {

namespace {

// A field of generation_config.json, or else of config.json, and what errors call it.
class Settings {
 public:
  Settings(const io::Json& generation, const io::Json& config)
      : generation_(generation), config_(config) {}

  const io::Json* find(const char* key) {
    for (const auto& [json, name] : {std::pair{&generation_, "generation_config.json: "},
                                     std::pair{&config_, "config.json: "}}) {
      const io::Json* value = json->find(key);
      if (value && !value->is_null()) {
        what_ = std::string(name) + key;
        return value;
      }
    }
    return nullptr;
  }

  int64_t whole(const char* key, int64_t fallback) {
    const io::Json* value = find(key);
    return value ? value->whole(what_) : fallback;
  }

  Id id(const char* key, Id fallback, Index V) {
    const io::Json* value = find(key);
    return value ? checked_id(*value, V) : fallback;
  }

  Id checked_id(const io::Json& value, Index V) const {
    const int64_t id = value.whole(what_);
    if (id < 0 || id >= V) {
      throw FormatError(what_, " is ", id, ", expected an id below ", V);
    }
    return static_cast<Id>(id);
  }

  // Of the field that find() found last.
  const std::string& what() const noexcept { return what_; }

 private:
  const io::Json& generation_;
  const io::Json& config_;
  std::string what_;
};

std::optional<bool> read_early_stopping(Settings& settings) {
  const io::Json* value = settings.find("early_stopping");
  if (!value) return false;
  if (value->is_boolean()) return value->boolean(settings.what());
  if (value->is_text() && value->text(settings.what()) == "never") return std::nullopt;
  throw FormatError(settings.what(), " is ", value->to_string(),
                    ", expected true, false or \"never\"");
}

}  // namespace

GenerationConfig read_generation_config(const io::Json& generation, const io::Json& config,
                                        const TransformerConfig& model) {
  Settings settings(generation, config);
  const Index V = model.target_V;
  GenerationConfig result;

  const int64_t beams = settings.whole("num_beams", 1);
  if (beams < 1 || beams > 64) {
    throw FormatError(settings.what(), " is ", beams, ", expected 1 to 64");
  }
  result.beams = static_cast<Index>(beams);
  if (const io::Json* value = settings.find("length_penalty")) {
    result.length_penalty = static_cast<float>(value->number(settings.what()));
  }
  result.early_stopping = read_early_stopping(settings);
  const int64_t max_length = settings.whole("max_length", 512);
  if (max_length < 2) {
    throw FormatError(settings.what(), " is ", max_length, ", expected at least 2");
  }
  result.max_length = static_cast<Index>(std::min<int64_t>(max_length, model.max_positions));

  result.eos = settings.id("eos_token_id", 0, V);
  result.pad = settings.id("pad_token_id", model.pad, V);
  result.decoder_start = settings.id("decoder_start_token_id", model.decoder_start, V);
  if (const io::Json* value = settings.find("forced_eos_token_id")) {
    result.forced_eos = settings.checked_id(*value, V);
  }
  if (const io::Json* value = settings.find("renormalize_logits")) {
    result.renormalize_logits = value->boolean(settings.what());
  }
  if (const io::Json* value = settings.find("bad_words_ids")) {
    for (const io::Json& word : value->items(settings.what())) {
      Ids ids;
      for (const io::Json& id : word.items(settings.what())) {
        ids.push_back(settings.checked_id(id, V));
      }
      if (ids.empty()) throw FormatError(settings.what(), " has an empty entry");
      result.bad_words.push_back(std::move(ids));
    }
  }
  return result;
}

}  // namespace regard::models
