// SPDX-License-Identifier: MIT
#include "io/safetensors.h"

#include <limits>
#include <optional>
#include <tuple>

#include "io/half.h"
#include "io/json.h"
#include "tensor/order.h"

namespace regard::io {
namespace {

constexpr uint64_t max_header_length = 100'000'000;

std::string quoted(std::string_view text) { return Json(std::string(text)).to_string(); }

// a * b, or nothing if it does not fit.
std::optional<uint64_t> product(uint64_t a, uint64_t b) noexcept {
  if (a != 0 && b > std::numeric_limits<uint64_t>::max() / a) return {};
  return a * b;
}

// One tensor as its header describes it, before anything is believed.
struct Description {
  std::string name;
  Dtype dtype;
  std::vector<Index> sizes;
  uint64_t begin;
  uint64_t end;
};

// A number of a header that counts something.
uint64_t count(const Json& json, const std::string& what) {
  const int64_t value = json.whole(what);
  if (value < 0) throw FormatError(what, " is ", value, ", below 0");
  return static_cast<uint64_t>(value);
}

Description describe(const std::string& tensor, const Json& json, const std::string& file) {
  const std::string what = file + ": tensor " + quoted(tensor);
  const Fields fields(json, what);

  const std::string type = fields.text("dtype");
  const std::optional<Dtype> dtype = find_dtype(type);
  if (!dtype) throw FormatError(what, " has the unknown dtype ", quoted(type));

  // the bits that the shape asks for
  Description description{tensor, *dtype, {}, 0, 0};
  std::optional<uint64_t> bits = dtype_bits(*dtype);
  for (const Json& size : fields.value("shape").items(what + ": shape")) {
    const uint64_t value = count(size, what + ": a size");
    if (bits) bits = product(*bits, value);
    if (!bits || value > static_cast<uint64_t>(std::numeric_limits<Index>::max())) {
      throw FormatError(what, " has more elements than can be addressed");
    }
    description.sizes.push_back(static_cast<Index>(value));
  }
  if (*bits % 8 != 0) throw FormatError(what, " does not end at a whole byte");

  // the bytes that it claims
  const Json::Array& offsets = fields.value("data_offsets").items(what + ": data_offsets");
  if (offsets.size() != 2) {
    throw FormatError(what, " has ", offsets.size(), " data_offsets, expected 2");
  }
  description.begin = count(offsets[0], what + ": its begin");
  description.end = count(offsets[1], what + ": its end");
  if (description.end < description.begin) {
    throw FormatError(what, " ends at ", description.end, ", before it begins at ",
                      description.begin);
  }
  if (description.end - description.begin != *bits / 8) {
    throw FormatError(what, " takes ", description.end - description.begin,
                      " bytes, its dtype and shape take ", *bits / 8);
  }
  return description;
}

// The tensors lie one after the other and fill the file.
void expect_contiguous(const std::vector<Description>& tensors, const std::vector<size_t>& order,
                       uint64_t held, const std::string& file) {
  uint64_t position = 0;
  for (const size_t place : order) {
    const Description& tensor = tensors[place];
    const std::string what = file + ": tensor " + quoted(tensor.name);
    if (tensor.begin > position) {
      throw FormatError(what, " begins at ", tensor.begin, ", after a hole from ", position);
    }
    if (tensor.begin < position) {
      throw FormatError(what, " begins at ", tensor.begin,
                        ", inside of the tensor before, which ends at ", position);
    }
    position = tensor.end;
    if (position > held) {
      throw FormatError(what, " ends at ", position, ", the file holds ", held);
    }
  }
  if (position < held) {
    throw FormatError(file, ": the tensors end at ", position, ", the file holds ", held);
  }
}

// Calls convert(source number) for each number of a tensor.
template <typename Number, typename Convert, typename Target>
void convert(ByteSpan bytes, Target* target, Convert convert) {
  for (size_t i = 0; i * sizeof(Number) < bytes.size(); ++i) {
    Number number;
    std::memcpy(&number, bytes.data() + i * sizeof(Number), sizeof number);
    target[i] = convert(number);
  }
}

}  // namespace

Safetensors Safetensors::read(ByteSpan bytes, std::string name) {
  // the header's length, which may lie
  ByteReader reader(bytes, name);
  if (bytes.size() < sizeof(uint64_t)) {
    throw FormatError(name, ": is ", bytes.size(),
                      " bytes long, too short for the length of a header");
  }
  const uint64_t length = reader.read<uint64_t>();
  if (length > max_header_length) {
    throw FormatError(name, ": the header is said to be ", length, " bytes long, at most ",
                      max_header_length, " are allowed");
  }
  if (length > reader.remaining()) {
    throw FormatError(name, ": the header is said to be ", length, " bytes long, the file holds ",
                      reader.remaining(), " after its length");
  }
  const ByteSpan text = reader.take(length);
  if (text.empty() || text[0] != '{') throw FormatError(name, ": the header does not begin with {");

  // what it describes
  const Json header = Json::parse(text, name + ": header", {4, false});
  Safetensors file;
  std::vector<Description> tensors;
  for (const auto& [key, value] : header.members(name + ": header")) {
    if (key == "__metadata__") {
      for (const auto& [term, meaning] : value.members(name + ": __metadata__")) {
        file.metadata_[term] = meaning.text(name + ": __metadata__: " + term);
      }
    } else {
      tensors.push_back(describe(key, value, name));
    }
  }

  // where that lies
  const auto before = [&](size_t a, size_t b) {
    const Description &one = tensors[a], &other = tensors[b];
    return std::tie(one.begin, one.end, one.name) < std::tie(other.begin, other.end, other.name);
  };
  const std::vector<size_t> order = ordered(tensors.size(), before);
  expect_contiguous(tensors, order, reader.remaining(), name);
  const ByteSpan data = bytes.subspan(reader.position());
  for (const size_t place : order) {
    Description& tensor = tensors[place];
    const ByteSpan own = data.subspan(static_cast<size_t>(tensor.begin),
                                      static_cast<size_t>(tensor.end - tensor.begin));
    file.names_.push_back(tensor.name);
    file.entries_[tensor.name] = {tensor.dtype, std::move(tensor.sizes), own};
  }
  file.name_ = std::move(name);
  return file;
}

const Safetensors::Entry& Safetensors::entry(const std::string& name) const {
  const auto found = entries_.find(name);
  if (found != entries_.end()) return found->second;
  throw FormatError(name_, ": there is no tensor ", quoted(name));
}

Shape Safetensors::shape(const std::string& name) const {
  const std::vector<Index>& sizes = entry(name).sizes;
  if (static_cast<Index>(sizes.size()) > Shape::max_rank) {
    throw FormatError(name_, ": tensor ", quoted(name), " has ", sizes.size(),
                      " axes, at most 6 are possible");
  }
  return Shape(sizes);
}

Tensor Safetensors::tensor(const std::string& name) const {
  const Entry& source = entry(name);
  Tensor tensor = Tensor::empty(shape(name));
  float* target = tensor.data();
  const auto plain = [](auto number) { return static_cast<float>(number); };

  switch (source.dtype) {
    case Dtype::F32:
      convert<float>(source.bytes, target, plain);
      break;
    case Dtype::F16:
      convert<uint16_t>(source.bytes, target, from_half);
      break;
    case Dtype::BF16:
      convert<uint16_t>(source.bytes, target, from_bfloat);
      break;
    case Dtype::F64:
      convert<double>(source.bytes, target, plain);
      break;
    case Dtype::I8:
      convert<int8_t>(source.bytes, target, plain);
      break;
    case Dtype::U8:
      convert<uint8_t>(source.bytes, target, plain);
      break;
    case Dtype::I32:
      convert<int32_t>(source.bytes, target, plain);
      break;
    case Dtype::I64:
      convert<int64_t>(source.bytes, target, plain);
      break;
    default:
      throw FormatError(name_, ": tensor ", quoted(name), " is ", dtype_name(source.dtype),
                        ", expected F16, BF16, F32, F64, I8, U8, I32 or I64");
  }
  return tensor;
}

Ids Safetensors::ids(const std::string& name) const {
  const Entry& source = entry(name);
  const std::string what = name_ + ": tensor " + quoted(name);
  if (source.dtype != Dtype::I32 && source.dtype != Dtype::I64) {
    throw FormatError(what, " is ", dtype_name(source.dtype), ", expected I32 or I64");
  }
  const auto narrow = [&what](int64_t number) {
    const Id id = static_cast<Id>(number);
    if (id != number) throw FormatError(what, " holds ", number, ", no int32");
    return id;
  };

  Ids ids(source.bytes.size() * 8 / dtype_bits(source.dtype));
  if (source.dtype == Dtype::I32) {
    convert<int32_t>(source.bytes, ids.data(), narrow);
  } else {
    convert<int64_t>(source.bytes, ids.data(), narrow);
  }
  return ids;
}

}  // namespace regard::io
