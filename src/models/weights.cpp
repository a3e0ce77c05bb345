// SPDX-License-Identifier: MIT
#include "models/weights.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "io/half.h"
#include "kernels/quantization.h"

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

bool is_int8(const io::Safetensors& file, const std::string& name) {
  const auto found = file.metadata().find("quantization");
  if (found == file.metadata().end()) return false;
  if (found->second == "int8") return true;
  throw FormatError(name, ": __metadata__: quantization is ", found->second, ", expected int8");
}

void expect_tensor(const io::Safetensors& file, const std::string& name, const std::string& tensor,
                   io::Dtype dtype, const Shape& shape) {
  if (!file.has(tensor)) throw FormatError(name, ": tensor \"", tensor, "\" is missing");
  if (file.dtype(tensor) != dtype) {
    throw FormatError(name, ": tensor \"", tensor, "\" is ", io::dtype_name(file.dtype(tensor)),
                      ", expected ", io::dtype_name(dtype));
  }
  if (file.shape(tensor) != shape) {
    throw FormatError(name, ": tensor \"", tensor, "\" is ", file.shape(tensor), ", expected ",
                      shape);
  }
}

void read_quantized(autograd::QuantizedMatrix& matrix, const io::Safetensors& file,
                    const std::string& tensor, const std::string& name) {
  const std::string scale = tensor + "_scale";
  expect_tensor(file, name, tensor, io::Dtype::I8, {matrix.rows(), matrix.columns()});
  expect_tensor(file, name, scale, io::Dtype::F32, {matrix.rows(), 1});
  const io::ByteSpan bytes = file.bytes(tensor);
  const Tensor scales = file.tensor(scale);
  for (const float value : scales.values()) {
    if (value >= 0.0f && std::isfinite(value)) continue;
    throw FormatError(name, ": tensor \"", scale, "\" holds ", value,
                      ", expected finite numbers from 0 on");
  }
  matrix.assign({reinterpret_cast<const int8_t*>(bytes.data()), bytes.size()}, scales.values());
}

// Where half of the bits are enough for the same numbers.
io::Dtype least_dtype(const Tensor& values) {
  const bool exact = std::all_of(values.values().begin(), values.values().end(), [](float value) {
    return io::from_half(io::to_half(value)) == value;
  });
  return exact ? io::Dtype::F16 : io::Dtype::F32;
}

// The logits' bias as one row.
Tensor as_in_files(const std::string& name, const Tensor& value) {
  return name == "final_logits_bias" ? value.reshape({1, value.count()}) : value;
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
  const bool quantized = is_int8(file, name);
  for (const auto& [parameter, variable] : parameters) {
    const auto names = names_in_files(parameter);
    const auto found = std::find_if(names.begin(), names.end(),
                                    [&](const std::string& other) { return file.has(other); });
    if (found == names.end()) {
      throw FormatError(name, ": tensor \"", parameter, "\" is missing");
    }
    autograd::QuantizedMatrix* const matrix = variable->quantized.get();
    if (matrix && quantized) {
      read_quantized(*matrix, file, *found, name);
      continue;
    }
    const Shape shape = file.shape(*found);
    const Shape expected =
        matrix ? Shape{matrix->rows(), matrix->columns()} : variable->value.shape();
    if (!agrees(shape, expected)) {
      throw FormatError(name, ": tensor \"", *found, "\" is ", shape, ", expected ", expected);
    }
    const Tensor values = file.tensor(*found);
    if (matrix) {
      matrix->quantize(values);
    } else {
      std::copy_n(values.data(), values.count(), variable->value.data());
    }
  }
}

Transformer read_transformer(const TransformerConfig& config, const io::Safetensors& file,
                             const std::string& name, layers::Storage storage) {
  if (storage == layers::Storage::fp32 && is_int8(file, name)) {
    throw FormatError(name, ": its weights are int8, and are asked for as floats");
  }
  double held = 0;
  for (const std::string& tensor : file.names())
    held += static_cast<double>(file.bytes(tensor).size());
  if (matrix_elements(config) > held) {
    throw FormatError(name, ": the file holds ", static_cast<int64_t>(held),
                      " bytes of numbers, config.json describes ",
                      static_cast<int64_t>(matrix_elements(config)), " numbers");
  }
  Transformer model(config, layers::Initializer::undefined(storage));
  read_parameters(model.stored_parameters(), file, name);
  model.prepack();
  return model;
}

io::Bytes write_weights(const Transformer& model, io::Dtype dtype) {
  std::vector<std::pair<std::string, Tensor>> tensors;
  for (const auto& [name, parameter] : model.parameters()) {
    tensors.emplace_back(name, as_in_files(name, parameter->value));
  }
  return io::write_safetensors(tensors, dtype, {{"format", "pt"}});
}

io::Bytes write_int8_weights(const Transformer& model, const std::string& source) {
  std::vector<io::NamedTensor> tensors;
  for (const auto& [name, parameter] : model.parameters()) {
    const Tensor& value = parameter->value;
    if (value.shape().rank() != 2) {
      tensors.push_back({name, as_in_files(name, value), least_dtype(value)});
      continue;
    }
    const Index N = value.size(0), K = value.size(1);
    std::vector<int8_t> quantized(static_cast<size_t>(value.count()));
    Tensor scales = Tensor::empty({N, 1}), numbers = Tensor::empty(value.shape());
    kernels::quantize_weights(value.data(), N, K, quantized.data(), scales.data());
    for (const float scale : scales.values()) {
      if (std::isfinite(scale)) continue;
      throw ValueError("write_int8_weights: ", name, " holds numbers that are not finite");
    }
    std::copy(quantized.begin(), quantized.end(), numbers.data());
    tensors.push_back({name, numbers, io::Dtype::I8});
    tensors.push_back({name + "_scale", scales, io::Dtype::F32});
  }
  io::Metadata metadata = {{"quantization", "int8"}};
  if (!source.empty()) metadata["source"] = source;
  return io::write_safetensors(tensors, metadata);
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
