// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "text/sentence.h"
#include "text/vocabulary.h"

namespace regard::text {

/// The bytes of the files that a Marian model's folder has for its text.
struct MarianTokenizerFiles {
  io::ByteSpan source_spm;
  io::ByteSpan target_spm;
  io::ByteSpan vocab;                        ///< vocab.json: of both languages or of the source
  std::optional<io::ByteSpan> target_vocab;  ///< target_vocab.json, where there are two
};

/// What the special tokens are called, in tokenizer_config.json and special_tokens_map.json.
struct MarianTokens {
  std::string unknown = "<unk>";
  std::string end = "</s>";
  std::string pad = "<pad>";
};

/// Text to the ids of a Marian model and back, as Hugging Face's MarianTokenizer has it: cut by
/// source.spm or target.spm, numbered by vocab.json, closed by `</s>`.
///
/// A language code at the beginning, as in `>>cmn<< Good morning.`, is cut off before and is one
/// token. Unlike there, `</s>` within a text is text.
class MarianTokenizer {
 public:
  /// throws  FormatError "source.spm: …", "vocab.json: …" if a file is broken or a vocabulary
  ///         lacks a special token
  static MarianTokenizer read(const MarianTokenizerFiles& files, const MarianTokens& tokens = {});

  /// The pieces of a text of the source or target language, `</s>` last, with offsets and words. A
  /// piece that the vocabulary lacks has the id of the unknown token, and its own text.
  Sentence encode_source(std::string_view text) const { return encode(source_, text); }
  Sentence encode_target(std::string_view text) const { return encode(target_, text); }

  /// The ids of a text that is cut in another way, `</s>` last; see sample_unigram(). Only where
  /// the model of that side is_unigram().
  Ids sample_source(std::string_view text, float alpha, Random& random) const {
    return sample(source_, text, alpha, random);
  }
  Ids sample_target(std::string_view text, float alpha, Random& random) const {
    return sample(target_, text, alpha, random);
  }

  /// The text that the model wrote. One piece for each id; special tokens have no text in it.
  /// throws ValueError if an id is outside of the target vocabulary
  Sentence decode_target(std::span<const Id> ids) const;

  const SentencePiece& source_model() const noexcept { return source_.model; }
  const SentencePiece& target_model() const noexcept { return target_.model; }
  const Vocabulary& source_vocabulary() const noexcept { return *source_.vocabulary; }
  const Vocabulary& target_vocabulary() const noexcept { return *target_.vocabulary; }
  /// Ids of the special tokens, in the target vocabulary.
  Id unknown() const noexcept { return target_.unknown; }
  Id end() const noexcept { return target_.end; }
  Id pad() const noexcept { return target_.pad; }
  /// The id of what the source vocabulary lacks.
  Id source_unknown() const noexcept { return source_.unknown; }

 private:
  struct Side {
    SentencePiece model;
    std::shared_ptr<const Vocabulary> vocabulary;  ///< the same on both sides, if there is one
    Id unknown, end, pad;
  };

  MarianTokenizer(Side source, Side target)
      : source_(std::move(source)), target_(std::move(target)) {}
  static Side make_side(SentencePiece model, std::shared_ptr<const Vocabulary> vocabulary,
                        const std::string& vocabulary_name, const MarianTokens& tokens);
  static Sentence encode(const Side& side, std::string_view text);
  static Ids sample(const Side& side, std::string_view text, float alpha, Random& random);
  static Id id_of(const Side& side, const std::string& piece) noexcept;

  Side source_, target_;
};

}  // namespace regard::text
