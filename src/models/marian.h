// SPDX-License-Identifier: MIT
#pragma once

#include <map>
#include <string>

#include "models/generation_config.h"
#include "models/transformer.h"
#include "text/marian_tokenizer.h"

namespace regard::models {

/// The files of a model by name.
using Folder = std::map<std::string, io::Bytes, std::less<>>;

/// Everything that a Marian folder holds.
struct MarianModel {
  Transformer transformer;
  GenerationConfig generation;
  text::MarianTokenizer tokenizer;
};

/// Reads config.json, generation_config.json (may be missing), model.safetensors, source.spm,
/// target.spm, vocab.json, target_vocab.json (if there are two) and tokenizer_config.json (may be
/// missing).
///
/// folder   is not needed afterwards
/// storage  int8 reads model.int8.safetensors where the folder has it, else quantizes
///          model.safetensors: to the same numbers
/// throws   FormatError `model: source.spm is missing`, or what is wrong with a file
MarianModel read_marian(const Folder& folder, layers::Storage storage = layers::Storage::fp32);

/// The part of it that reads and writes text. throws FormatError as above.
text::MarianTokenizer read_marian_tokenizer(const Folder& folder);

/// throws FormatError `vocab.json: 5000 tokens, config.json has room for 4777` if a vocabulary has
/// ids that the model has no row for.
void expect_room(const TransformerConfig& config, const text::MarianTokenizer& tokenizer,
                 const Folder& folder);

}  // namespace regard::models
