// SPDX-License-Identifier: MIT
// Files that are broken by accident or on purpose: a FormatError that says why, or a model that
// works, never anything else.
#include "text/sentencepiece_file.h"

#include <gtest/gtest.h>

#include <random>

#include "tensor/error.h"
#include "text/golden_text.h"
#include "text/sentencepiece.h"
#include "thrown.h"

namespace regard::text {
namespace {

using Type = LexiconPiece::Type;

// --- Messages, written field by field ---

std::string varint(uint64_t value) {
  std::string bytes;
  for (; value >= 0x80; value >>= 7) bytes += static_cast<char>(value | 0x80);
  return bytes + static_cast<char>(value);
}

std::string number(uint32_t field, uint64_t value) { return varint(field << 3) + varint(value); }
std::string bytes(uint32_t field, const std::string& value) {
  return varint(field << 3 | 2) + varint(value.size()) + value;
}

std::string piece(const std::string& text, Type type = Type::normal) {
  return bytes(1, bytes(1, text) + number(3, static_cast<uint64_t>(type)));
}

std::string normalizer(const std::string& character_map) {
  return bytes(3, bytes(2, character_map));
}

const std::string unknown = piece("<unk>", Type::unknown);

SentencePiece read(const std::string& file) { return SentencePiece::read(as_bytes(file), "a.spm"); }

std::string complaint(const std::string& file) {
  return thrown<FormatError>([&] { read(file); });
}

TEST(SentencePieceFileTest, ReadsTheSmallestModel) {
  const SentencePiece model = read(unknown + piece("a"));
  EXPECT_EQ(model.encode("ab").size(), 3u);  // ▁, a, b
  EXPECT_EQ(model.decode(Ids{1, 1}).text, "aa");
}

TEST(SentencePieceFileTest, SkipsFieldsThatItDoesNotKnow) {
  const std::string strange = number(99, 1u << 30) + bytes(100, "x") + varint(101 << 3 | 1) +
                              std::string(8, 'y') + varint(102 << 3 | 5) + std::string(4, 'z');
  EXPECT_EQ(read(strange + unknown + strange + bytes(2, strange)).size(), 1);
  // a known field of another kind, and a type of a later version
  EXPECT_EQ(read(unknown + number(2, 7) + number(1, 7)).size(), 1);
  EXPECT_EQ(read(unknown + piece("a", static_cast<Type>(9))).lexicon()[1].type, Type::normal);
}

TEST(SentencePieceFileTest, RefusesBrokenMessages) {
  EXPECT_EQ(complaint(unknown + "\x0A\x7F"), "a.spm: a field of 127 bytes, but 0 are left");
  EXPECT_EQ(complaint(unknown + "\x0A" + varint(UINT64_MAX)),
            "a.spm: a field of 18446744073709551615 bytes, but 0 are left");
  EXPECT_EQ(complaint(unknown + std::string(11, '\xFF')),
            "a.spm: a number is longer than ten bytes");
  EXPECT_EQ(complaint(unknown + '\0'), "a.spm: a field has the number 0");
  EXPECT_EQ(complaint(unknown + "\x0B"), "a.spm: field 1 is of the unknown kind 3");
  EXPECT_EQ(complaint(bytes(1, bytes(1, "a") + "\x15zz")),
            "a.spm: a field of 4 bytes, but 2 are left");
}

TEST(SentencePieceFileTest, RefusesPiecesThatCannotBe) {
  EXPECT_EQ(complaint(""), "a.spm: there is no unknown piece");
  EXPECT_EQ(complaint(unknown + unknown), "a.spm: pieces 0 and 1 are both the unknown piece");
  EXPECT_EQ(complaint(unknown + piece("")), "a.spm: piece 1 is empty");
  EXPECT_EQ(complaint(unknown + piece(std::string("a\0b", 3))), "a.spm: piece 1 holds a NUL");
  EXPECT_EQ(complaint(unknown + piece(std::string(8000, 'a'))),
            "a.spm: piece 1 has 8000 bytes, expected at most 7999");
  EXPECT_EQ(complaint(unknown + piece("a") + piece("a", Type::unused)),
            "a.spm: pieces 1 and 2 are both 'a'");
  const std::string infinite = bytes(1, "a") + "\x15" + std::string("\x00\x00\x80\x7F", 4);
  EXPECT_EQ(complaint(unknown + bytes(1, infinite)), "a.spm: piece 1 has no finite score");
}

TEST(SentencePieceFileTest, RefusesBytePiecesThatDoNotFit) {
  const std::string fallback = bytes(2, number(35, 1));
  EXPECT_EQ(complaint(unknown + piece("<0x41>", Type::byte)),
            "a.spm: piece 1 is a byte piece, but byte_fallback is off");
  EXPECT_EQ(complaint(fallback + unknown + piece("<0x41>", Type::byte)),
            "a.spm: byte_fallback is on, but the 256 byte pieces are not all there");
  EXPECT_EQ(complaint(fallback + unknown + piece("<0x4a>", Type::byte)),
            "a.spm: piece 1 is no byte piece: '<0x4a>'");
}

TEST(SentencePieceFileTest, RefusesModelsOfWords) {
  EXPECT_EQ(complaint(unknown + bytes(2, number(3, 3))),
            "a.spm: the model is of type 3, expected 1 (unigram), 2 (BPE) or 4 (characters)");
}

TEST(SentencePieceFileTest, RefusesTablesThatDoNotFit) {
  const auto table = [](uint32_t size, size_t real, const std::string& replacements) {
    std::string text;
    for (int shift = 0; shift < 32; shift += 8) text += static_cast<char>(size >> shift);
    return unknown + normalizer(text + std::string(real, 'x') + replacements);
  };
  const std::string end(1, '\0');
  EXPECT_EQ(read(table(1024, 1024, end)).encode("ab").size(), 1u);
  EXPECT_EQ(complaint(unknown + normalizer("abc")),
            "a.spm: the normalization table has only 3 bytes");
  EXPECT_EQ(complaint(table(1024, 1024, "")),
            "a.spm: the normalization table announces 1024 bytes of 1024");
  EXPECT_EQ(complaint(table(UINT32_MAX, 1024, end)),
            "a.spm: the normalization table announces 4294967295 bytes of 1025");
  EXPECT_EQ(complaint(table(1020, 1020, end)), "a.spm: the normalization table has a size of 1020");
  EXPECT_EQ(complaint(table(0, 0, end)), "a.spm: the normalization table has a size of 0");
  EXPECT_EQ(complaint(table(1024, 1024, "x")),
            "a.spm: the normalization table does not end with a NUL");
  EXPECT_EQ(
      complaint(table(1024, 1024, std::string(1001, 'x') + end)),
      "a.spm: the normalization table replaces a text by 1001 bytes, at most 1000 are allowed");
}

// --- Real models, damaged ---

// Whether the file is refused with a word; a model that comes of it must work.
bool is_refused(const std::string& file) {
  try {
    const SentencePiece model = read(file);
    for (const char* text : {"", "Tom chases Jerry.  \xFF\xE4", "Ｈｅ ﬁ 汤姆追杰瑞。👍<sep>ab"}) {
      Ids ids;
      for (const TextPiece& part : model.encode(text)) {
        EXPECT_GE(part.id, 0);
        EXPECT_LT(part.id, model.size());
        EXPECT_LE(part.end, static_cast<Index>(std::string_view(text).size()));
        ids.push_back(part.id);
      }
      EXPECT_EQ(model.decode(ids).spans.size(), ids.size());
    }
    return false;
  } catch (const FormatError& error) {
    EXPECT_TRUE(std::string_view(error.what()).starts_with("a.spm: ")) << error.what();
    return true;
  }
}

TEST(SentencePieceFileTest, SurvivesACutAtEveryByte) {
  const std::string file = read_golden("tiny.spm");
  Index accepted = 0;
  for (size_t size = 0; size < file.size(); ++size) accepted += !is_refused(file.substr(0, size));
  // between two fields the beginning of a file is a model of its own: after each piece, and before
  // the last two of the three specifications
  EXPECT_EQ(accepted, read(file).size() + 2);
}

TEST(SentencePieceFileTest, SurvivesRandomDamage) {
  std::mt19937 random(20261120);
  const auto below = [&](size_t limit) { return static_cast<size_t>(random()) % limit; };
  const auto damage = [&](const std::string& name, int times) {
    const std::string file = read_golden(name);
    int refused = 0;
    for (int i = 0; i < times; ++i) {
      std::string damaged = file;
      // most of a file are texts and scores: some damage goes to the first bytes, the fields
      for (size_t flips = 1 + below(8); flips > 0; --flips) {
        const size_t at = below(flips % 2 ? file.size() : std::min<size_t>(file.size(), 64));
        damaged[at] = static_cast<char>(damaged[at] ^ 1 << below(8));
      }
      refused += is_refused(damaged);
    }
    EXPECT_GT(refused, times / 10) << name;
    EXPECT_LT(refused, times) << name;
  };
  damage("tiny.spm", 9200);
  damage("mixed_unigram.spm", 350);
  damage("mixed_bpe.spm", 350);
  damage("english_bpe.spm", 100);
}

}  // namespace
}  // namespace regard::text
