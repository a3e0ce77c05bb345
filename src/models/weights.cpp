// SPDX-License-Identifier: MIT
#include "models/weights.h"

#include <algorithm>
#include <array>
#include <utility>

namespace regard::models {

namespace {

// PyTorch keeps the logits' bias as one row.
bool agrees(const Shape& found, const Shape& expected) {
  if (found == expected) return true;
  return expected.rank() == 1 && found == Shape{1, expected[0]};
}

// How many numbers the configuration's matrices have: enough to tell a file that cannot hold them
// before memory is taken for them.
double matrix_elements(const TransformerConfig& config) {
  const auto d = [](Index value) { return static_cast<double>(value); };
  const double M = d(config.M);
  const double tables = M * (config.share_embeddings ? d(config.V) : d(config.V + config.target_V));
  const double encoder = d(config.encoder_layers) * (4 * M * M + 2 * M * d(config.encoder_F));
  const double decoder = d(config.decoder_layers) * (8 * M * M + 2 * M * d(config.decoder_F));
  return tables + encoder + decoder;
}

}  // namespace

std::vector<std::string> names_in_files(const std::string& parameter) {
  const std::string shared = "model.shared.weight";
  const std::string encoder = "model.encoder.embed_tokens.weight";
  const std::string decoder = "model.decoder.embed_tokens.weight";
  if (parameter == shared) return {shared, encoder, decoder, "lm_head.weight"};
  if (parameter == decoder) return {decoder, "lm_head.weight"};
  return {parameter};
}

void read_parameters(const layers::Parameters& parameters, const io::Safetensors& file,
                     const std::string& name) {
  for (const auto& [parameter, variable] : parameters) {
    const auto names = names_in_files(parameter);
    const auto found = std::find_if(names.begin(), names.end(),
                                    [&](const std::string& other) { return file.has(other); });
    if (found == names.end()) {
      throw FormatError(name, ": tensor \"", parameter, "\" is missing");
    }
    const Shape shape = file.shape(*found), expected = variable->value.shape();
    if (!agrees(shape, expected)) {
      throw FormatError(name, ": tensor \"", *found, "\" is ", shape, ", expected ", expected);
    }
    const Tensor values = file.tensor(*found);
    std::copy_n(values.data(), values.count(), variable->value.data());
  }
}

Transformer read_transformer(const TransformerConfig& config, const io::Safetensors& file,
                             const std::string& name) {
  double held = 0;
  for (const std::string& tensor : file.names())
    held += static_cast<double>(file.bytes(tensor).size());
  if (matrix_elements(config) > held) {
    throw FormatError(name, ": the file holds ", static_cast<int64_t>(held),
                      " bytes of numbers, config.json describes ",
                      static_cast<int64_t>(matrix_elements(config)), " numbers");
  }
  Transformer model(config, layers::Initializer::undefined());
  read_parameters(model.parameters(), file, name);
  model.prepack();
  return model;
}

io::Bytes write_weights(const Transformer& model, io::Dtype dtype) {
  std::vector<std::pair<std::string, Tensor>> tensors;
  for (const auto& [name, parameter] : model.parameters()) {
    const Tensor& value = parameter->value;
    const bool is_bias = name == "final_logits_bias";
    tensors.emplace_back(name, is_bias ? value.reshape({1, value.count()}) : value);
  }
  return io::write_safetensors(tensors, dtype, {{"format", "pt"}});
}

io::Bytes write_marian_weights(const Transformer& model, io::Dtype dtype) {
  const auto refuse = [](const char* what) {
    throw ValueError("write_marian_weights: Marian's layout has no ", what);
  };
  if (model.config().norm == layers::NormOrder::pre) refuse("pre-norm");
  if (model.config().positions == layers::SinusoidOrder::interleaved) {
    refuse("interleaved sinusoids");
  }
  return write_weights(model, dtype);
}

}  // namespace regard::models
