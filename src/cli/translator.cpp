// SPDX-License-Identifier: MIT
#include "cli/translator.h"

#include <filesystem>

#include "cli/corpus.h"

namespace regard::cli {

decoding::Translator read_translator(const std::string& folder, layers::Storage storage) {
  constexpr const char* int8 = "model.int8.safetensors";
  models::Folder files = read_model_files(folder);
  const bool quantized =
      storage == layers::Storage::int8 && std::filesystem::exists(folder + "/" + int8);
  files.merge(read_folder(folder, {quantized ? int8 : "model.safetensors"}));
  return decoding::Translator(models::read_marian(files, storage));
}

layers::Storage storage_of(const Arguments& arguments) {
  if (!arguments.has("precision") || arguments.text("precision") == "f32") {
    return layers::Storage::fp32;
  }
  if (arguments.text("precision") == "int8") return layers::Storage::int8;
  throw ValueError("--precision is ", arguments.text("precision"), ", expected f32 or int8");
}

}  // namespace regard::cli
