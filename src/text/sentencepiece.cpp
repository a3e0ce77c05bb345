// SPDX-License-Identifier: MIT
#include "text/sentencepiece.h"

#include "text/byte_pairs.h"
#include "text/characters.h"
#include "text/unigram.h"
#include "text/utf8.h"

namespace regard::text {

namespace {

Normalizer make_normalizer(const NormalizerSpec& spec, bool space_last, std::string_view name) {
  return Normalizer(CharacterMap(spec.character_map, name),
                    {.add_dummy_prefix = spec.add_dummy_prefix,
                     .remove_extra_whitespaces = spec.remove_extra_whitespaces,
                     .escape_whitespaces = spec.escape_whitespaces,
                     .space_last = space_last});
}

Segments cut(SentencePieceFile::Model model, const Lexicon& lexicon, std::string_view text) {
  switch (model) {
    case SentencePieceFile::Model::bpe:
      return cut_byte_pairs(lexicon, text);
    case SentencePieceFile::Model::characters:
      return cut_characters(lexicon, text);
    default:
      return cut_unigram(lexicon, text);
  }
}

Id control_piece(const Lexicon& lexicon, std::string_view text) {
  const Id id = lexicon.find(text);
  return lexicon.is(Lexicon::Type::control, id) ? id : -1;
}

}  // namespace

SentencePiece::SentencePiece(SentencePieceFile file, std::string_view name)
    : model_(file.model),
      lexicon_(std::move(file.pieces), file.byte_fallback, name),
      normalizer_(make_normalizer(file.normalizer, file.treat_whitespace_as_suffix, name)),
      unknown_surface_(std::move(file.unknown_surface)),
      drops_first_space_(file.normalizer.add_dummy_prefix ||
                         file.normalizer.remove_extra_whitespaces),
      drops_first_spaces_(file.normalizer.remove_extra_whitespaces),
      begin_of_sentence_(control_piece(lexicon_, file.begin_piece)),
      end_of_sentence_(control_piece(lexicon_, file.end_piece)),
      pad_(control_piece(lexicon_, file.pad_piece)) {
  if (!file.denormalizer.character_map.empty()) {
    denormalizer_ = make_normalizer(file.denormalizer, false, name);
  }
}

SentencePiece SentencePiece::read(std::span<const uint8_t> file, std::string_view name) {
  return SentencePiece(read_sentencepiece_file(file, name), name);
}

std::string SentencePiece::normalize(std::string_view text) const {
  return normalizer_.normalize(text, lexicon_.user_defined()).text;
}

std::vector<TextPiece> SentencePiece::encode(std::string_view text) const {
  const NormalizedText normalized = normalizer_.normalize(text, lexicon_.user_defined());
  return pieces_of(normalized, cut(model_, lexicon_, normalized.text));
}

std::vector<TextPiece> SentencePiece::sample(std::string_view text, float alpha,
                                             Random& random) const {
  const NormalizedText normalized = normalizer_.normalize(text, lexicon_.user_defined());
  return pieces_of(normalized, sample_unigram(lexicon_, normalized.text, alpha, random));
}

std::vector<TextPiece> SentencePiece::pieces_of(const NormalizedText& text,
                                                const Segments& segments) const {
  const auto& [normalized, origin] = text;
  std::vector<TextPiece> pieces;
  pieces.reserve(segments.size());
  bool after_unknown = false;
  for (const Segment& segment : segments) {
    const std::string_view bytes = std::string_view(normalized)
                                       .substr(static_cast<size_t>(segment.begin),
                                               static_cast<size_t>(segment.end - segment.begin));
    const Index begin = origin[static_cast<size_t>(segment.begin)];
    const Index end = origin[static_cast<size_t>(segment.end)];
    const bool unknown = segment.id == lexicon_.unknown();

    if (unknown && lexicon_.has_bytes()) {
      // the last byte has the place of all
      for (const char byte : bytes) {
        const Id id = lexicon_.byte_piece(static_cast<uint8_t>(byte));
        pieces.push_back({id, lexicon_[id].text, begin, begin});
      }
      pieces.back().end = end;
    } else if (unknown && after_unknown) {
      pieces.back().text += bytes;
      pieces.back().end = end;
    } else {
      pieces.push_back({segment.id, std::string(bytes), begin, end});
    }
    after_unknown = unknown;
  }
  return pieces;
}

}  // namespace regard::text
