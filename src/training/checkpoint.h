// SPDX-License-Identifier: MIT
#pragma once

#include "io/bytes.h"
#include "training/trainer.h"

namespace regard::training {

/// Everything that a training needs to go on exactly where it was: weights, moments, the average
/// and the numbers of steps, as a safetensors file in fp32.
io::Bytes write_checkpoint(const models::Transformer& model, Trainer& trainer);

/// Puts a checkpoint's state into a model and its trainer.
///
/// name     the file's name, for errors
/// throws   FormatError if something is missing or does not fit this model
void read_checkpoint(io::ByteSpan bytes, const std::string& name, const models::Transformer& model,
                     Trainer& trainer);

}  // namespace regard::training
