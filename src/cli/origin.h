// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "io/safetensors.h"
#include "models/marian.h"
#include "training/batches.h"

namespace regard::cli {

/// What a checkpoint was made of, to be kept in its metadata: the model's sizes, the vocabulary and
/// the pairs as fingerprints, the settings as they stand in their file.
io::Metadata origin_of(const models::TransformerConfig& config, const models::Folder& files,
                       const std::vector<training::Pair>& pairs, const std::string& settings);

/// What has changed since a checkpoint was made and does not matter for going on, in sentences.
///
/// then     the checkpoint's metadata
/// name     of the checkpoint, for errors
/// throws   ValueError if it is of another model or vocabulary
std::vector<std::string> changes(const io::Metadata& then, const io::Metadata& now,
                                 const std::string& name);

}  // namespace regard::cli
