// SPDX-License-Identifier: MIT
#include "text/marian_tokenizer.h"

#include <gtest/gtest.h>

#include "tensor/error.h"
#include "text/golden_text.h"
#include "thrown.h"

namespace regard::text {
namespace {

MarianTokenizer golden_tokenizer(bool separate) {
  const std::string source = read_golden("english_unigram.spm");
  const std::string target = read_golden("chinese_unigram.spm");
  const std::string vocab =
      read_golden(separate ? "marian/separate_vocab.json" : "marian/vocab.json");
  const std::string target_vocab = read_golden("marian/separate_target_vocab.json");
  MarianTokenizerFiles files{as_bytes(source), as_bytes(target), as_bytes(vocab), {}};
  if (separate) files.target_vocab = as_bytes(target_vocab);
  return MarianTokenizer::read(files);
}

Ids ids_of(const Sentence& sentence) {
  Ids ids;
  for (const TextPiece& piece : sentence.pieces) ids.push_back(piece.id);
  return ids;
}

// The words of a sentence, each as "word: piece piece".
std::vector<std::string> words_of(const Sentence& sentence) {
  std::vector<std::string> words;
  for (const auto& [begin, end] : sentence.words) {
    const auto size = static_cast<size_t>(end - begin);
    words.push_back(sentence.text.substr(static_cast<size_t>(begin), size) + ":");
  }
  for (size_t i = 0; i < sentence.pieces.size(); ++i) {
    const Index word = sentence.piece_words[i];
    if (word >= 0) words.at(static_cast<size_t>(word)) += " " + sentence.pieces[i].text;
  }
  return words;
}

void expect_the_ids_of_transformers(bool separate) {
  const MarianTokenizer tokenizer = golden_tokenizer(separate);
  GoldenReader golden(separate ? "marian/separate.golden" : "marian/joint.golden");
  const Index count = golden.number();
  EXPECT_GT(count, 500);
  for (Index i = 0; i < count; ++i) {
    const std::string text = golden.string();
    SCOPED_TRACE(text);
    ASSERT_EQ(ids_of(tokenizer.encode_source(text)), golden.ids());
    const Ids target = golden.ids();
    ASSERT_EQ(ids_of(tokenizer.encode_target(text)), target);
    ASSERT_EQ(tokenizer.decode_target(target).text, golden.string());
  }
  EXPECT_TRUE(golden.finished());
}

TEST(MarianTokenizerTest, HasTheIdsOfTransformersWithAJointVocabulary) {
  expect_the_ids_of_transformers(false);
}

TEST(MarianTokenizerTest, HasTheIdsOfTransformersWithTwoVocabularies) {
  expect_the_ids_of_transformers(true);
}

TEST(MarianTokenizerTest, GroupsPiecesIntoWords) {
  const MarianTokenizer tokenizer = golden_tokenizer(false);
  const std::vector<std::string> english{"Tom: ▁Tom", "chases: ▁ ch as es", "Jerry.: ▁ J er ry ."};
  EXPECT_EQ(words_of(tokenizer.encode_source(" Tom  chases Jerry. ")), english);

  const Sentence chinese = tokenizer.encode_target("我爱 你，Tom。");
  const std::vector<std::string> words{"我: ▁我", "爱: 爱",    "你: ▁你",
                                       "，: ，",  "Tom: T om", "。: 。"};
  EXPECT_EQ(words_of(chinese), words);
  EXPECT_EQ(chinese.piece_words.back(), -1);

  EXPECT_TRUE(tokenizer.encode_source(" \t ").words.empty());
}

TEST(MarianTokenizerTest, KeepsPiecesAndWordsInOrderAndInTheText) {
  const MarianTokenizer tokenizer = golden_tokenizer(false);
  for (const std::string& line : golden_lines()) {
    for (const Sentence& sentence :
         {tokenizer.encode_source(line), tokenizer.encode_target(line),
          tokenizer.decode_target(ids_of(tokenizer.encode_target(line)))}) {
      const auto size = static_cast<Index>(sentence.text.size());
      Index end = 0;
      for (const TextPiece& piece : sentence.pieces) {
        ASSERT_LE(piece.begin, piece.end) << line;
        ASSERT_LE(end, piece.end) << line;
        end = piece.end;
      }
      ASSERT_LE(end, size);

      Index word_end = 0, word = 0;
      for (const TextSpan& span : sentence.words) {
        ASSERT_LE(word_end, span.begin) << line;
        ASSERT_LT(span.begin, span.end) << line;
        word_end = span.end;
      }
      ASSERT_LE(word_end, size);
      ASSERT_EQ(sentence.piece_words.size(), sentence.pieces.size());
      ASSERT_EQ(sentence.piece_words.back(), -1);
      for (size_t i = 0; i + 1 < sentence.pieces.size(); ++i) {
        if (sentence.piece_words[i] < 0) continue;  // spaces alone, or an unknown token
        ASSERT_TRUE(sentence.piece_words[i] == word || sentence.piece_words[i] == word + 1) << line;
        word = sentence.piece_words[i];
      }
    }
  }
}

TEST(MarianTokenizerTest, CountsInUtf16UnitsOnRequest) {
  const Sentence sentence = in_utf16(golden_tokenizer(false).encode_source("👍 é Tom"));
  const TextPiece& tom = sentence.pieces[sentence.pieces.size() - 2];
  EXPECT_EQ(tom, (TextPiece{tom.id, "▁Tom", 4, 8}));
  EXPECT_EQ(sentence.words.back(), (TextSpan{5, 8}));
  EXPECT_EQ(sentence.pieces.back().end, 8);
}

TEST(MarianTokenizerTest, KeepsALanguageCodeAsOneToken) {
  const Sentence sentence = golden_tokenizer(false).encode_source(">>cmn<< Hi.");
  EXPECT_EQ(sentence.pieces.front(), (TextPiece{sentence.pieces.front().id, ">>cmn<<", 0, 7}));
  EXPECT_EQ(sentence.pieces.back(), (TextPiece{0, "</s>", 11, 11}));
  const std::vector<TextSpan> words{{0, 7}, {8, 11}};
  EXPECT_EQ(sentence.words, words);
}

TEST(MarianTokenizerTest, PlacesDecodedPiecesInTheText) {
  const MarianTokenizer tokenizer = golden_tokenizer(false);
  const Vocabulary& vocabulary = tokenizer.target_vocabulary();
  const Ids ids{vocabulary.find("▁我"), tokenizer.unknown(),   vocabulary.find("爱"),
                vocabulary.find("▁"),   vocabulary.find("你"), tokenizer.end(),
                tokenizer.pad()};
  const Sentence sentence = tokenizer.decode_target(ids);
  EXPECT_EQ(sentence.text, "我爱 你");
  const std::vector<TextSpan> expected{{0, 3}, {3, 3}, {3, 6}, {6, 7}, {7, 10}, {10, 10}, {10, 10}};
  std::vector<TextSpan> spans;
  for (const TextPiece& piece : sentence.pieces) spans.push_back({piece.begin, piece.end});
  EXPECT_EQ(spans, expected);
  const std::vector<Index> words{0, -1, 1, 2, 2, -1, -1};
  EXPECT_EQ(sentence.piece_words, words);
}

TEST(MarianTokenizerTest, NamesTheFileThatIsBroken) {
  const std::string spm = read_golden("tiny.spm");
  const std::string vocab = R"({"</s>": 0, "<unk>": 1, "a": 2, "<pad>": 3})";
  const std::string no_pad = R"({"</s>": 0, "<unk>": 1})";
  const auto read = [&](const std::string& source, const std::string& target,
                        const std::string& joint, std::optional<std::string> second = {}) {
    MarianTokenizerFiles files{as_bytes(source), as_bytes(target), as_bytes(joint), {}};
    if (second) files.target_vocab = as_bytes(*second);
    return MarianTokenizer::read(files);
  };
  EXPECT_EQ(read(spm, spm, vocab).pad(), 3);
  EXPECT_EQ(thrown<FormatError>([&] { read("", spm, vocab); }),
            "source.spm: there is no unknown piece");
  EXPECT_EQ(thrown<FormatError>([&] { read(spm, "", vocab); }),
            "target.spm: there is no unknown piece");
  EXPECT_EQ(thrown<FormatError>([&] { read(spm, spm, no_pad); }),
            "vocab.json: there is no \"<pad>\"");
  EXPECT_EQ(thrown<FormatError>([&] { read(spm, spm, vocab, no_pad); }),
            "target_vocab.json: there is no \"<pad>\"");
  EXPECT_EQ(thrown<ValueError>([&] { read(spm, spm, vocab).decode_target(Ids{4}); }),
            "decode: id 4 is outside of 0 … 3");
}

}  // namespace
}  // namespace regard::text
