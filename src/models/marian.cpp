// SPDX-License-Identifier: MIT
#include "models/marian.h"

#include <utility>

#include "models/weights.h"

namespace regard::models {

namespace {

io::ByteSpan file(const Folder& folder, const char* name) {
  const auto found = folder.find(name);
  if (found == folder.end()) throw FormatError("model: ", name, " is missing");
  return found->second;
}

io::Json json(const Folder& folder, const char* name) {
  return io::Json::parse(file(folder, name), name);
}

io::Json json_if_there(const Folder& folder, const char* name) {
  return folder.contains(name) ? json(folder, name) : io::Json();
}

// A special token is written as a text, or as an object that has it as its content.
std::string token(const io::Json& settings, const char* key, const std::string& fallback) {
  const io::Json* value = settings.find(key);
  if (value && value->is_object()) value = value->find("content");
  if (!value || value->is_null()) return fallback;
  return value->text(std::string("tokenizer_config.json: ") + key);
}

void expect_vocabulary(const char* name, const text::Vocabulary& vocabulary, Index V) {
  if (vocabulary.size() > V) {
    throw FormatError(name, ": ", vocabulary.size(), " tokens, config.json has room for ", V);
  }
}

}  // namespace

text::MarianTokenizer read_marian_tokenizer(const Folder& folder) {
  text::MarianTokenizerFiles files{.source_spm = file(folder, "source.spm"),
                                   .target_spm = file(folder, "target.spm"),
                                   .vocab = file(folder, "vocab.json"),
                                   .target_vocab = {}};
  if (folder.contains("target_vocab.json")) files.target_vocab = file(folder, "target_vocab.json");
  const io::Json settings = json_if_there(folder, "tokenizer_config.json");
  const text::MarianTokens usual;
  return text::MarianTokenizer::read(files, {.unknown = token(settings, "unk_token", usual.unknown),
                                             .end = token(settings, "eos_token", usual.end),
                                             .pad = token(settings, "pad_token", usual.pad)});
}

void expect_room(const TransformerConfig& config, const text::MarianTokenizer& tokenizer,
                 const Folder& folder) {
  const char* target_name =
      folder.contains("target_vocab.json") ? "target_vocab.json" : "vocab.json";
  expect_vocabulary("vocab.json", tokenizer.source_vocabulary(), config.V);
  expect_vocabulary(target_name, tokenizer.target_vocabulary(), config.target_V);
}

MarianModel read_marian(const Folder& folder, layers::Storage storage) {
  const io::Json config_json = json(folder, "config.json");
  const TransformerConfig config = read_transformer_config(config_json, "config.json");
  const GenerationConfig generation =
      read_generation_config(json_if_there(folder, "generation_config.json"), config_json, config);

  text::MarianTokenizer tokenizer = read_marian_tokenizer(folder);
  expect_room(config, tokenizer, folder);

  constexpr const char* floats = "model.safetensors";
  constexpr const char* whole = "model.int8.safetensors";
  const char* name = storage == layers::Storage::int8 && folder.contains(whole) ? whole : floats;
  const auto weights = io::Safetensors::read(file(folder, name), name);
  return {read_transformer(config, weights, name, storage), generation, std::move(tokenizer)};
}

}  // namespace regard::models
