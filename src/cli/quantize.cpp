// SPDX-License-Identifier: MIT
// regard_quantize: writes model.int8.safetensors beside a Marian folder's model.safetensors.
//
//   regard_quantize --model web/models/en-zh
//
// The numbers are those that a model gets which is quantized when it is opened. --out FILE writes
// elsewhere; --of SUM is kept with the file, to tell which floats it was made of.
#include <cstdio>
#include <exception>

#include "cli/arguments.h"
#include "cli/translator.h"
#include "io/file.h"
#include "models/weights.h"

int main(int count, char** words) {
  using namespace regard;
  try {
    const cli::Arguments arguments(count, words, {"model", "out", "of"});
    const std::string& folder = arguments.text("model");
    const decoding::Translator translator = cli::read_translator(folder);
    const io::Bytes bytes = models::write_int8_weights(
        translator.model().transformer, arguments.has("of") ? arguments.text("of") : "");
    const std::string out =
        arguments.has("out") ? arguments.text("out") : folder + "/model.int8.safetensors";
    io::write_file(out, bytes);
    std::printf("%s: %.2f MB\n", out.c_str(), static_cast<double>(bytes.size()) / 1e6);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "regard_quantize: %s\n", error.what());
    return 1;
  }
  return 0;
}
