// SPDX-License-Identifier: MIT
#include "cli/translator.h"

#include "cli/corpus.h"

namespace regard::cli {

decoding::Translator read_translator(const std::string& folder) {
  return decoding::Translator(models::read_marian(
      read_folder(folder, {"config.json", "generation_config.json", "model.safetensors",
                           "source.spm", "target.spm", "vocab.json", "tokenizer_config.json"})));
}

}  // namespace regard::cli
