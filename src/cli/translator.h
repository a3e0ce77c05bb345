// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "cli/arguments.h"
#include "decoding/translator.h"

namespace regard::cli {

/// The model in a Marian folder on disk.
/// throws ValueError if a file cannot be read, FormatError if one is broken
decoding::Translator read_translator(const std::string& folder,
                                     layers::Storage storage = layers::Storage::fp32);

/// What `--precision f32` (as without it) and `--precision int8` ask for.
/// throws ValueError `--precision is f16, expected f32 or int8`
layers::Storage storage_of(const Arguments& arguments);

}  // namespace regard::cli
