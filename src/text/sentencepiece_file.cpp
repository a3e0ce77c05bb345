// SPDX-License-Identifier: MIT
#include "text/sentencepiece_file.h"

#include <cmath>

#include "text/wire.h"

namespace regard::text {

namespace {

constexpr uint32_t number(uint32_t field) { return wire_tag(field, WireKind::varint); }
constexpr uint32_t real(uint32_t field) { return wire_tag(field, WireKind::fixed32); }
constexpr uint32_t bytes(uint32_t field) { return wire_tag(field, WireKind::bytes); }

// the library refuses longer ones
constexpr size_t max_piece_size = 7999;

LexiconPiece read_piece(std::string_view message, size_t id, std::string_view file) {
  LexiconPiece piece;
  WireReader reader(message, file);
  while (reader.next()) {
    switch (reader.tag()) {
      case bytes(1):
        piece.text = reader.bytes();
        break;
      case real(2):
        piece.score = reader.fixed32();
        break;
      case number(3):
        // a type that is not known counts as not written, as everywhere in this wire format
        if (const uint64_t type = reader.varint(); type >= 1 && type <= 6) {
          piece.type = static_cast<LexiconPiece::Type>(type);
        }
        break;
      default:
        reader.skip();
    }
  }

  const std::string who = regard::message({"piece ", id, " "});
  if (piece.text.empty()) reader.fail({who, "is empty"});
  if (piece.text.size() > max_piece_size) {
    reader.fail({who, "has ", piece.text.size(), " bytes, expected at most 7999"});
  }
  if (piece.text.find('\0') != std::string::npos) reader.fail({who, "holds a NUL"});
  if (!std::isfinite(piece.score)) reader.fail({who, "has no finite score"});
  return piece;
}

void read_trainer_spec(std::string_view message, std::string_view name, SentencePieceFile& file) {
  WireReader reader(message, name);
  while (reader.next()) {
    switch (reader.tag()) {
      case number(3): {
        const uint64_t model = reader.varint();
        if (model != 1 && model != 2 && model != 4) {
          reader.fail({"the model is of type ", model,
                       ", expected 1 (unigram), 2 (BPE) or 4 (characters)"});
        }
        file.model = static_cast<SentencePieceFile::Model>(model);
        break;
      }
      case number(24):
        file.treat_whitespace_as_suffix = reader.varint() != 0;
        break;
      case number(35):
        file.byte_fallback = reader.varint() != 0;
        break;
      case bytes(44):
        file.unknown_surface = reader.bytes();
        break;
      case bytes(45):
        file.unknown_piece = reader.bytes();
        break;
      case bytes(46):
        file.begin_piece = reader.bytes();
        break;
      case bytes(47):
        file.end_piece = reader.bytes();
        break;
      case bytes(48):
        file.pad_piece = reader.bytes();
        break;
      default:
        reader.skip();
    }
  }
}

void read_normalizer_spec(std::string_view message, std::string_view name, NormalizerSpec& spec) {
  WireReader reader(message, name);
  while (reader.next()) {
    switch (reader.tag()) {
      case bytes(2):
        spec.character_map = reader.bytes();
        break;
      case number(3):
        spec.add_dummy_prefix = reader.varint() != 0;
        break;
      case number(4):
        spec.remove_extra_whitespaces = reader.varint() != 0;
        break;
      case number(5):
        spec.escape_whitespaces = reader.varint() != 0;
        break;
      default:
        reader.skip();
    }
  }
}

}  // namespace

SentencePieceFile read_sentencepiece_file(std::span<const uint8_t> file_bytes,
                                          std::string_view name) {
  SentencePieceFile file;
  WireReader reader({reinterpret_cast<const char*>(file_bytes.data()), file_bytes.size()}, name);
  while (reader.next()) {
    switch (reader.tag()) {
      case bytes(1):
        file.pieces.push_back(read_piece(reader.bytes(), file.pieces.size(), name));
        break;
      case bytes(2):
        read_trainer_spec(reader.bytes(), name, file);
        break;
      case bytes(3):
        read_normalizer_spec(reader.bytes(), name, file.normalizer);
        break;
      case bytes(5):
        read_normalizer_spec(reader.bytes(), name, file.denormalizer);
        break;
      default:
        reader.skip();
    }
  }
  return file;
}

}  // namespace regard::text
