// SPDX-License-Identifier: MIT
#include "text/sentencepiece.h"

#include <gtest/gtest.h>

#include "tensor/error.h"
#include "text/golden_text.h"
#include "thrown.h"

namespace regard::text {
namespace {

SentencePiece golden_model(const std::string& name) {
  const std::string file = read_golden(name + ".spm");
  return SentencePiece::read(as_bytes(file), name + ".spm");
}

std::string shown(const std::vector<TextPiece>& pieces) {
  std::string text;
  for (const auto& [id, piece, begin, end] : pieces) {
    text += std::to_string(id) + " '" + piece + "' " + std::to_string(begin) + "–" +
            std::to_string(end) + "\n";
  }
  return text;
}

// One model against the library, which wrote the golden file.
class SentencePieceGolden : public testing::TestWithParam<const char*> {
 protected:
  const std::string name_ = GetParam();
  const SentencePiece model_ = golden_model(name_);
  const bool changes_decoded_text_ = name_ == "mixed_bpe";  // it has a table for what comes out

  std::vector<TextPiece> read_pieces(GoldenReader& golden) {
    std::vector<TextPiece> pieces(static_cast<size_t>(golden.number()));
    Index begin = 0;
    for (TextPiece& piece : pieces) {
      piece.id = static_cast<Id>(golden.number());
      piece.begin = begin += golden.number();
      piece.end = begin + golden.number();
      piece.text = piece.id == model_.unknown() ? golden.string() : model_.lexicon()[piece.id].text;
    }
    return pieces;
  }

  void expect_decoded(GoldenReader& golden, const Ids& ids, const std::string& line) {
    const DecodedText decoded = model_.decode(ids);
    const std::string text = golden.number() == 0 ? line : golden.string();
    ASSERT_EQ(decoded.text, text);

    ASSERT_EQ(decoded.spans.size(), ids.size());
    Index end = 0;
    for (const TextSpan& span : decoded.spans) {
      const Index length = golden.number();
      if (changes_decoded_text_) continue;  // the library's spans are those before the change
      ASSERT_EQ(span.begin, end);
      ASSERT_EQ(span.end, end += length);
    }
  }
};

TEST_P(SentencePieceGolden, CutsAndPutsTogetherAsTheLibraryDoes) {
  GoldenReader golden(name_ + ".golden");
  ASSERT_EQ(golden.number(), 2000);
  const Index decoded_lines = golden.number();

  Index line_number = 0;
  for (const std::string& line : golden_lines()) {
    SCOPED_TRACE("line " + std::to_string(line_number) + ": " + line.substr(0, 300));
    const std::vector<TextPiece> expected = read_pieces(golden);
    const std::vector<TextPiece> pieces = model_.encode(line);
    ASSERT_EQ(shown(pieces), shown(expected));

    if (line_number++ >= decoded_lines) continue;
    Ids ids;
    for (const TextPiece& piece : pieces) ids.push_back(piece.id);
    ASSERT_NO_FATAL_FAILURE(expect_decoded(golden, ids, line));
  }

  for (Index left = golden.number(); left > 0; --left) {
    const Ids ids = golden.ids();
    SCOPED_TRACE("sequence " + testing::PrintToString(ids));
    ASSERT_NO_FATAL_FAILURE(expect_decoded(golden, ids, ""));
  }
  EXPECT_TRUE(golden.finished());
}

TEST_P(SentencePieceGolden, HasOffsetsThatNeverFallAndStayInTheText) {
  for (const std::string& line : golden_lines()) {
    Index begin = 0, end = 0;
    for (const TextPiece& piece : model_.encode(line)) {
      ASSERT_LE(begin, piece.begin) << line;
      ASSERT_LE(end, piece.end) << line;
      ASSERT_LE(piece.begin, piece.end) << line;
      begin = piece.begin, end = piece.end;
    }
    ASSERT_LE(end, static_cast<Index>(line.size()));
  }
}

TEST_P(SentencePieceGolden, DecodesPiecesByTextLikeIds) {
  for (const std::string& line : golden_lines()) {
    Ids ids;
    std::vector<std::string_view> texts;
    for (const TextPiece& piece : model_.encode(line)) {
      ids.push_back(piece.id);
      texts.push_back(model_.lexicon()[piece.id].text);
    }
    const DecodedText by_id = model_.decode(ids), by_text = model_.decode(texts);
    ASSERT_EQ(by_id.text, by_text.text);
    ASSERT_EQ(by_id.spans, by_text.spans);
  }
}

INSTANTIATE_TEST_SUITE_P(Models, SentencePieceGolden,
                         testing::Values("english_unigram", "english_bpe", "chinese_unigram",
                                         "chinese_char", "mixed_unigram", "mixed_bpe"),
                         [](const auto& model) { return std::string(model.param); });

// What was cut and put together is cut the same way again, where the model knows every character.
TEST(SentencePieceTest, CutsWhatItPutTogetherTheSameWay) {
  const SentencePiece model = golden_model("english_unigram");
  Index compared = 0;
  for (const std::string& line : golden_lines()) {
    Ids ids, again;
    bool known = true;
    for (const TextPiece& piece : model.encode(line)) {
      ids.push_back(piece.id);
      known &= piece.id != model.unknown();
    }
    if (!known) continue;
    ++compared;
    for (const TextPiece& piece : model.encode(model.decode(ids).text)) again.push_back(piece.id);
    ASSERT_EQ(again, ids) << line;
  }
  EXPECT_GT(compared, 800);  // nearly all of the English lines
}

TEST(SentencePieceTest, KnowsItsSpecialPieces) {
  const SentencePiece model = golden_model("english_bpe");
  EXPECT_EQ(model.unknown(), 0);
  EXPECT_EQ(model.begin_of_sentence(), 1);
  EXPECT_EQ(model.end_of_sentence(), 2);
  EXPECT_EQ(model.pad(), 3);
  EXPECT_EQ(golden_model("english_unigram").pad(), -1);
}

TEST(SentencePieceTest, FollowsTheTableForTextThatComesOut) {
  const SentencePiece model = golden_model("mixed_bpe");
  const std::string_view pieces[] = {"嗯", "，", "好", "。"};
  const DecodedText decoded = model.decode(pieces);
  EXPECT_EQ(decoded.text, ", 好.");
  const std::vector<TextSpan> spans{{0, 0}, {0, 2}, {2, 5}, {5, 6}};
  EXPECT_EQ(decoded.spans, spans);
}

TEST(SentencePieceTest, RefusesIdsOutsideOfTheVocabulary) {
  const SentencePiece model = golden_model("tiny");
  EXPECT_EQ(thrown<ValueError>([&] { model.decode(Ids{1, 120}); }),
            "decode: id 120 is outside of 0 … 119");
  EXPECT_EQ(thrown<ValueError>([&] { model.decode(Ids{-1}); }),
            "decode: id -1 is outside of 0 … 119");
}

}  // namespace
}  // namespace regard::text
