// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "decoding/translator.h"

namespace regard::cli {

/// The model in a Marian folder on disk.
/// throws ValueError if a file cannot be read, FormatError if one is broken
decoding::Translator read_translator(const std::string& folder);

}  // namespace regard::cli
