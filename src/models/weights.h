// SPDX-License-Identifier: MIT
#pragma once

#include "io/safetensors.h"
#include "models/transformer.h"

namespace regard::models {

/// A Transformer with the weights of a file, by Marian's names.
///
/// file     a table that both sides share is taken from `model.shared.weight`, or from any of the
///          names under which Marian's checkpoints repeat it; tensors that the model does not have
///          are passed over
/// name     the file's name, for errors
/// throws   FormatError `model.safetensors: tensor "model.shared.weight" is missing`, or if a
///          shape is not what the configuration says
Transformer read_transformer(const TransformerConfig& config, const io::Safetensors& file,
                             const std::string& name);

/// The names under which checkpoints keep a parameter, the usual one first: tables that sides share
/// stand under any of several.
std::vector<std::string> names_in_files(const std::string& parameter);

/// Copies a file's tensors into parameters of the same names and shapes.
/// throws FormatError as above
void read_parameters(const layers::Parameters& parameters, const io::Safetensors& file,
                     const std::string& name);

/// A Transformer's weights as the bytes of a `model.safetensors`, for a config.json that says what
/// the configuration is: in our own layout anything, in Marian's what Marian has.
io::Bytes write_weights(const Transformer& model, io::Dtype dtype);

/// The same for MarianMTModel to open.
/// throws ValueError `write_marian_weights: Marian's layout has no pre-norm` and the like
io::Bytes write_marian_weights(const Transformer& model, io::Dtype dtype);

}  // namespace regard::models
