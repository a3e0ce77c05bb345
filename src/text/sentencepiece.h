// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tensor/random.h"
#include "text/lexicon.h"
#include "text/normalizer.h"
#include "text/segment.h"

namespace regard::text {

/// A piece of a text, with the place it came from or went to.
struct TextPiece {
  Id id;
  /// As the vocabulary has it, '▁' for a space; for an unknown piece the normalized text itself.
  std::string text;
  /// Bytes begin … end - 1 of the original text. A piece that was made of nothing, or of a part of
  /// what another piece has, is empty.
  Index begin, end;

  bool operator==(const TextPiece&) const = default;
};

/// Bytes begin … end - 1 of a text.
struct TextSpan {
  Index begin, end;

  bool operator==(const TextSpan&) const = default;
};

struct DecodedText {
  std::string text;
  std::vector<TextSpan> spans;  ///< for each piece the bytes of `text` that it became
};

/// A SentencePiece model, unigram, BPE or characters: cuts text into pieces and puts pieces
/// together, exactly as the sentencepiece library 0.2 does.
///
///     const auto model = SentencePiece::read(bytes, "source.spm");
///     model.encode("Tom runs.");   // ▁Tom 0–3, ▁run 3–7, s 7–8, . 8–9
class SentencePiece {
 public:
  /// file    the bytes of a `.spm` or `.model` file; nothing is kept of them
  /// name    the file's name, for errors
  /// throws  FormatError "name: …" if the file is broken: see read_sentencepiece_file, Lexicon and
  ///         CharacterMap
  /// cost    O(n log n) time, O(n) memory for n bytes
  static SentencePiece read(std::span<const uint8_t> file, std::string_view name);

  /// Cuts a text into pieces.
  ///
  /// text     anything: bytes that are no UTF-8 count as U+FFFD
  /// returns  pieces in the order of the text, with offsets that never fall. Unknown pieces that
  ///          follow each other are one; with byte fallback there is one piece for each byte
  ///          instead, the last of a character having its place.
  /// cost     O(n · longest piece) time (BPE: O(n log n)), O(n) memory for n bytes
  std::vector<TextPiece> encode(std::string_view text) const;
  /// The same, cut in a way that sample_unigram() draws; where is_unigram() only.
  std::vector<TextPiece> sample(std::string_view text, float alpha, Random& random) const;

  /// Puts pieces together: '▁' becomes a space, the one at the beginning is dropped, bytes become
  /// characters, control pieces nothing.
  ///
  /// throws   ValueError if an id is outside of 0 … size() - 1
  /// cost     O(bytes)
  DecodedText decode(std::span<const Id> ids) const;
  /// The same for the texts of pieces. One that is not in the vocabulary stands for itself.
  DecodedText decode(std::span<const std::string_view> pieces) const;

  /// The text that is cut: after the normalization table, with '▁' for spaces.
  std::string normalize(std::string_view text) const;

  bool is_unigram() const noexcept { return model_ == SentencePieceFile::Model::unigram; }
  const Lexicon& lexicon() const noexcept { return lexicon_; }
  Index size() const noexcept { return lexicon_.size(); }
  /// The ids of the special pieces; -1 where the model has none.
  Id unknown() const noexcept { return lexicon_.unknown(); }
  Id begin_of_sentence() const noexcept { return begin_of_sentence_; }
  Id end_of_sentence() const noexcept { return end_of_sentence_; }
  Id pad() const noexcept { return pad_; }

 private:
  struct Decoding;

  SentencePiece(SentencePieceFile file, std::string_view name);
  std::vector<TextPiece> pieces_of(const NormalizedText& text, const Segments& segments) const;
  DecodedText denormalize(DecodedText decoded) const;

  SentencePieceFile::Model model_;
  Lexicon lexicon_;
  Normalizer normalizer_;
  std::optional<Normalizer> denormalizer_;
  std::string unknown_surface_;
  bool drops_first_space_;   ///< decoding drops a space that stands first …
  bool drops_first_spaces_;  ///< … and more of them
  Id begin_of_sentence_, end_of_sentence_, pad_;
};

}  // namespace regard::text
