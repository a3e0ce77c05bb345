// SPDX-License-Identifier: MIT
#include "cli/translator.h"

#include "cli/corpus.h"

namespace regard::cli {

decoding::Translator read_translator(const std::string& folder) {
  models::Folder files = read_model_files(folder);
  files.merge(read_folder(folder, {"model.safetensors"}));
  return decoding::Translator(models::read_marian(files));
}

}  // namespace regard::cli
