// SPDX-License-Identifier: MIT
#pragma once

#include "io/safetensors.h"
#include "training/trainer.h"

namespace regard::training {

/// Everything that a training needs to go on exactly where it was: weights, moments, the averages
/// and the numbers of steps, as a safetensors file in fp32.
///
/// about    what its reader should know besides, in words of the caller's own
io::Bytes write_checkpoint(const models::Transformer& model, Trainer& trainer,
                           const io::Metadata& about = {});

/// What a checkpoint says about itself.
/// throws FormatError if it is none, or one of another version
io::Metadata read_about_checkpoint(io::ByteSpan bytes, const std::string& name);

/// Puts a checkpoint's state into a model and its trainer.
///
/// name     the file's name, for errors
/// throws   FormatError if it is no checkpoint, if something is missing or does not fit this model
void read_checkpoint(io::ByteSpan bytes, const std::string& name, const models::Transformer& model,
                     Trainer& trainer);

}  // namespace regard::training
