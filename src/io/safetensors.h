// SPDX-License-Identifier: MIT
// The safetensors format: named tensors in one file, as Hugging Face models are stored.
//
//   8 bytes   N, the length of the header
//   N bytes   a JSON object: {"name": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]},
//   …},
//             padded with spaces; "__metadata__" may map texts to texts
//   the rest  the tensors' numbers, little-endian and row-major, without gaps or overlap
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "io/bytes.h"
#include "io/dtype.h"
#include "tensor/tensor.h"

namespace regard::io {

/// Texts by name, as a file's `__metadata__` has them.
using Metadata = std::map<std::string, std::string>;

/// A file of tensors that is read on demand: numbers are converted when a tensor is asked for.
class Safetensors {
 public:
  /// Checks all of the header and that it accounts for every byte.
  ///
  /// bytes    the whole file, borrowed: it must outlive this object, tensors are copied out of it
  /// name     what errors call the file
  /// throws   FormatError `model.safetensors: tensor "a" ends at 90, the file holds 80`, naming
  /// what
  ///          is wrong: the header's length, its JSON, a tensor's description, holes, overlap,
  ///          bytes that are missing or that no tensor owns, sizes that overflow
  static Safetensors read(ByteSpan bytes, std::string name);

  /// The tensors' names, in the order of their numbers.
  const std::vector<std::string>& names() const noexcept { return names_; }
  bool has(const std::string& name) const noexcept { return entries_.contains(name); }

  // What the header says of a tensor.
  // throws  FormatError if there is none of the name; shape() also if it has more than six axes
  Dtype dtype(const std::string& name) const { return entry(name).dtype; }
  Shape shape(const std::string& name) const;

  /// A tensor's values in fp32, rounded to the nearest where fp32 has fewer digits.
  /// throws FormatError if there is none of the name, if its type is neither F16, BF16, F32, F64,
  ///        I8, U8, I32 nor I64, or if it has more than six axes
  Tensor tensor(const std::string& name) const;

  /// A tensor's values as ids.
  /// throws FormatError if there is none of the name, if its type is neither I32 nor I64, or if
  ///        a value lies outside of int32
  Ids ids(const std::string& name) const;

  /// A tensor's numbers as they lie in the file. throws FormatError if there is none of the name.
  ByteSpan bytes(const std::string& name) const { return entry(name).bytes; }

  const Metadata& metadata() const noexcept { return metadata_; }

 private:
  struct Entry {
    Dtype dtype;
    std::vector<Index> sizes;
    ByteSpan bytes;
  };

  const Entry& entry(const std::string& name) const;

  std::string name_;
  std::vector<std::string> names_;
  std::map<std::string, Entry> entries_;
  Metadata metadata_;
};

/// A tensor to be written, and as what.
struct NamedTensor {
  std::string name;
  Tensor tensor;
  Dtype dtype = Dtype::F32;  ///< F32, F16, BF16, F64, or for whole numbers I8, I32, I64
};

/// The bytes of a file of tensors: wide types first, then by name, as the `safetensors` library
/// lays them out; the same tensors in any order make the same bytes.
///
/// throws   ValueError if a name comes twice or is `__metadata__`, if a tensor is undefined, if
///          the type cannot be written, or if a value is no whole number of its I8, I32 or I64
Bytes write_safetensors(const std::vector<NamedTensor>& tensors, const Metadata& metadata = {});

/// The same with one type, F32, F16 or BF16, for all.
Bytes write_safetensors(const std::vector<std::pair<std::string, Tensor>>& tensors,
                        Dtype dtype = Dtype::F32, const Metadata& metadata = {});

}  // namespace regard::io
