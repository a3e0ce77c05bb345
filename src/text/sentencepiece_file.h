// SPDX-License-Identifier: MIT
// What stands in a SentencePiece file (`source.spm`, `tokenizer.model`): a ModelProto of
// sentencepiece_model.proto. Here it is read and checked field by field; `SentencePiece` makes an
// encoder of it.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace regard::text {

/// One entry of the vocabulary; its id is its place in the file.
struct LexiconPiece {
  /// As the file numbers them.
  enum class Type : uint8_t { normal = 1, unknown, control, user_defined, unused, byte };

  std::string text;
  float score = 0;  ///< log-probability (unigram) or minus the rank of the merge (BPE); finite
  Type type = Type::normal;
};

/// How text is made uniform before it is cut, or after it is put together.
struct NormalizerSpec {
  std::string_view character_map;  ///< compiled, see CharacterMap; a view into the file
  bool add_dummy_prefix = true;
  bool remove_extra_whitespaces = true;
  bool escape_whitespaces = true;
};

struct SentencePieceFile {
  /// As the file numbers them; 3, whole words, is not read.
  enum class Model : uint8_t { unigram = 1, bpe = 2, characters = 4 };

  std::vector<LexiconPiece> pieces;
  Model model = Model::unigram;
  NormalizerSpec normalizer;
  NormalizerSpec denormalizer;
  bool byte_fallback = false;
  bool treat_whitespace_as_suffix = false;
  std::string unknown_surface = " \xE2\x81\x87 ";  ///< what an unknown piece decodes to: " ⁇ "
  std::string unknown_piece = "<unk>";
  std::string begin_piece = "<s>";
  std::string end_piece = "</s>";
  std::string pad_piece = "<pad>";
};

/// Reads a file.
///
/// bytes   the file; must outlive what is returned
/// name    the file's name, for errors
/// throws  FormatError "name: …" if the bytes are no such message, if a piece is empty, is longer
///         than 7,999 bytes, holds a NUL or has no finite score, or if the model is one of words
/// cost    O(bytes) time and memory
SentencePieceFile read_sentencepiece_file(std::span<const uint8_t> bytes, std::string_view name);

}  // namespace regard::text
