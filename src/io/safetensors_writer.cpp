// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>
#include <limits>

#include "io/half.h"
#include "io/json.h"
#include "io/safetensors.h"
#include "tensor/order.h"

namespace regard::io {
namespace {

std::string quoted(const std::string& text) { return Json(text).to_string(); }

// A value as a whole number of a type that must hold it.
template <typename Whole>
Whole whole(float value, const std::string& tensor) {
  // The upper bound as a power of two is exact in fp32; the greatest number itself need not be.
  constexpr float bound = -static_cast<float>(std::numeric_limits<Whole>::min());
  if (!(value >= -bound && value < bound) || value != std::trunc(value)) {
    throw ValueError("write_safetensors: tensor ", quoted(tensor), " holds ", value,
                     ", which is no whole number of its dtype");
  }
  return static_cast<Whole>(value);
}

void append_values(Bytes& bytes, const NamedTensor& tensor) {
  for (const float value : tensor.tensor.values()) {
    switch (tensor.dtype) {
      case Dtype::F32:
        append(bytes, value);
        break;
      case Dtype::F16:
        append(bytes, to_half(value));
        break;
      case Dtype::BF16:
        append(bytes, to_bfloat(value));
        break;
      case Dtype::F64:
        append(bytes, static_cast<double>(value));
        break;
      case Dtype::I8:
        append(bytes, whole<int8_t>(value, tensor.name));
        break;
      case Dtype::I32:
        append(bytes, whole<int32_t>(value, tensor.name));
        break;
      default:
        append(bytes, whole<int64_t>(value, tensor.name));
        break;
    }
  }
}

void expect_writable(const NamedTensor& tensor) {
  const std::string what = "write_safetensors: tensor " + quoted(tensor.name);
  if (tensor.name == "__metadata__") throw ValueError(what, " has the name of the metadata");
  if (!tensor.tensor.defined()) throw ValueError(what, " is undefined");
  switch (tensor.dtype) {
    case Dtype::F32:
    case Dtype::F16:
    case Dtype::BF16:
    case Dtype::F64:
    case Dtype::I8:
    case Dtype::I32:
    case Dtype::I64:
      return;
    default:
      throw ValueError(what, " cannot be written as ", dtype_name(tensor.dtype));
  }
}

}  // namespace

Bytes write_safetensors(const std::vector<NamedTensor>& tensors, const Metadata& metadata) {
  // the order: what needs the widest alignment first
  for (const NamedTensor& tensor : tensors) expect_writable(tensor);
  const auto before = [&](size_t a, size_t b) {
    const NamedTensor &one = tensors[a], &other = tensors[b];
    return one.dtype != other.dtype ? one.dtype > other.dtype : one.name < other.name;
  };
  std::vector<const NamedTensor*> sorted;
  for (const size_t place : ordered(tensors.size(), before)) sorted.push_back(&tensors[place]);

  // the header
  Json::Object header;
  if (!metadata.empty()) {
    Json::Object terms;
    for (const auto& [term, meaning] : metadata) terms.emplace_back(term, meaning);
    header.emplace_back("__metadata__", std::move(terms));
  }
  int64_t position = 0;
  std::map<std::string_view, bool> seen;
  for (const NamedTensor* tensor : sorted) {
    if (std::exchange(seen[tensor->name], true)) {
      throw ValueError("write_safetensors: two tensors have the name ", quoted(tensor->name));
    }
    Json::Array sizes;
    for (const Index size : tensor->tensor.shape()) sizes.emplace_back(int64_t{size});
    const int64_t end =
        position + int64_t{tensor->tensor.count()} * (dtype_bits(tensor->dtype) / 8);
    header.emplace_back(tensor->name, Json::Object{{"dtype", dtype_name(tensor->dtype)},
                                                   {"shape", std::move(sizes)},
                                                   {"data_offsets", Json::Array{position, end}}});
    position = end;
  }
  std::string text = Json(std::move(header)).to_string();
  text.resize((text.size() + 7) / 8 * 8, ' ');

  // the file
  Bytes bytes;
  bytes.reserve(sizeof(uint64_t) + text.size() + static_cast<size_t>(position));
  append(bytes, uint64_t{text.size()});
  bytes.insert(bytes.end(), text.begin(), text.end());
  for (const NamedTensor* tensor : sorted) append_values(bytes, *tensor);
  return bytes;
}

Bytes write_safetensors(const std::vector<std::pair<std::string, Tensor>>& tensors, Dtype dtype,
                        const Metadata& metadata) {
  std::vector<NamedTensor> named;
  for (const auto& [name, tensor] : tensors) named.push_back({name, tensor, dtype});
  return write_safetensors(named, metadata);
}

}  // namespace regard::io
