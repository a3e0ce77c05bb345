// SPDX-License-Identifier: MIT
// A model's weights in a file: floats by Marian's names, or the same model in int8.
//
// `model.int8.safetensors` has the tensors of `model.safetensors`, and
//
//   - each matrix, tables included, as I8 (N, K), with `<its name>_scale`, F32 (N, 1), beside it:
//   row n
//     stands for scale_n times its whole numbers, see kernels/quantization.h;
//   - vectors in F16 where that loses nothing, else in F32;
//   - in `__metadata__` `"quantization": "int8"` and no `"format": "pt"`: it is not Marian's.
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
/// storage  int8 takes a file of floats as well, and quantizes it: to the same bits
/// throws   FormatError `model.safetensors: tensor "model.shared.weight" is missing`, or if a
///          shape is not what the configuration says; if a file in int8 is asked for in fp32, has
///          other types, or lacks scales
Transformer read_transformer(const TransformerConfig& config, const io::Safetensors& file,
                             const std::string& name,
                             layers::Storage storage = layers::Storage::fp32);

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

/// The same in int8: the bytes of a `model.int8.safetensors`.
///
/// source   a sum of the file of floats, kept as `"source"` in the metadata if not empty: who
///          changes that file can tell that this one is of another
/// throws   ValueError `write_int8_weights: model.shared.weight holds numbers that are not finite`
io::Bytes write_int8_weights(const Transformer& model, const std::string& source = "");

/// The same for MarianMTModel to open.
/// throws ValueError `write_marian_weights: Marian's layout has no pre-norm` and the like
io::Bytes write_marian_weights(const Transformer& model, io::Dtype dtype);

}  // namespace regard::models
