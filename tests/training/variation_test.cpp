// SPDX-License-Identifier: MIT
#include "training/variation.h"

#include <algorithm>
#include <set>

#include "io/json.h"
#include "text/golden_text.h"
#include "thrown.h"

namespace regard::training {
namespace {

// With all pieces of both models in its vocabulary, or only those that the golden one has.
std::shared_ptr<const text::MarianTokenizer> tokenizer(const char* target = "chinese_unigram.spm",
                                                       bool whole = true) {
  const std::string source = text::read_golden("english_unigram.spm");
  const std::string other = text::read_golden(target);
  std::string vocab = text::read_golden("marian/vocab.json");
  if (whole) {
    std::set<std::string> tokens = {"</s>", "<unk>", "<pad>"};
    for (const std::string& file : {source, other}) {
      const auto model = text::SentencePiece::read(text::as_bytes(file), "spm");
      for (Id id = 0; id < model.size(); ++id) tokens.insert(model.lexicon()[id].text);
    }
    io::Json::Object ids;
    for (const std::string& token : tokens) ids.emplace_back(token, static_cast<int>(ids.size()));
    vocab = io::Json(ids).to_string();
  }
  return std::make_shared<text::MarianTokenizer>(text::MarianTokenizer::read(
      {text::as_bytes(source), text::as_bytes(other), text::as_bytes(vocab), {}}));
}

Ids ids_of(const text::Sentence& sentence) {
  Ids ids;
  for (const auto& piece : sentence.pieces) ids.push_back(piece.id);
  return ids;
}

const std::string english = "Tom wanted to sleep.", chinese = "汤姆想睡觉。";

class VariationTest : public ::testing::Test {
 protected:
  Variation with(const SamplingOptions& sampling, size_t longest = 100) const {
    return Variation({}, sampling, words, {english}, {chinese}, longest);
  }
  std::string spoken(const Ids& ids) const {
    std::string text;
    for (const Id id : ids) {
      if (id != words->end()) text += words->source_vocabulary()[id];
    }
    return text;
  }

  std::shared_ptr<const text::MarianTokenizer> words = tokenizer();
  Pair usual{ids_of(words->encode_source(english)), ids_of(words->encode_target(chinese))};
};

TEST_F(VariationTest, CutsTheSameTextInManyWays) {
  const Variation variation = with({.source = 0.1f});
  Random random(1);
  std::set<Ids> seen;
  for (int i = 0; i < 100; ++i) {
    const Pair pair = variation.vary(usual, 0, random);
    EXPECT_EQ(spoken(pair.source), "▁Tom▁wanted▁to▁sleep.");
    EXPECT_EQ(pair.source.back(), words->end());
    EXPECT_EQ(pair.target, usual.target);
    seen.insert(pair.source);
  }
  // more than the 16 that two cuts of each of its four words make; measured, 84
  EXPECT_GT(seen.size(), 20u);
}

TEST_F(VariationTest, IsAFunctionOfTheRandomNumbers) {
  const Variation variation = with({.source = 0.1f, .target = 0.1f});
  Random one(7), other(7);
  for (int i = 0; i < 20; ++i) {
    const Pair a = variation.vary(usual, 0, one), b = variation.vary(usual, 0, other);
    EXPECT_EQ(a.source, b.source);
    EXPECT_EQ(a.target, b.target);
  }
}

TEST_F(VariationTest, KeepsTheUsualCutWhereItIsTold) {
  Random random(2);
  int changed = 0;
  const Variation half = with({.source = 0.01f, .share = 0.5f});
  for (int i = 0; i < 400; ++i) changed += half.vary(usual, 0, random).source != usual.source;
  EXPECT_NEAR(changed, 200, 50);  // five standard deviations

  const Variation bounded = with({.source = 0.01f}, usual.source.size());
  for (int i = 0; i < 50; ++i) {
    EXPECT_LE(bounded.vary(usual, 0, random).source.size(), usual.source.size());
  }
}

TEST_F(VariationTest, TakesNoPieceThatTheVocabularyLacks) {
  words = tokenizer("chinese_unigram.spm", false);
  const Ids source = ids_of(words->encode_source(english));
  const Pair pair{source, ids_of(words->encode_target(chinese))};
  const Variation variation = with({.source = 0.1f});
  Random random(3);
  int changed = 0;
  for (int i = 0; i < 200; ++i) {
    const Ids ids = variation.vary(pair, 0, random).source;
    EXPECT_EQ(std::count(ids.begin(), ids.end(), words->unknown()), 0);
    changed += ids != source;
  }
  // refusals must leave something to take: one cut in ten would do; measured, 146 of 200
  EXPECT_GT(changed, 20);
}

TEST(Variation, MasksEachSideWithItsOwnUnknown) {
  const Variation variation({.mask = 1, .target_mask = 1}, 7, 9);
  Random random(4);
  const Pair pair = variation.vary({{3, 4, 0}, {5, 6, 0}}, 0, random);
  EXPECT_EQ(pair.source, (Ids{7, 7, 0}));
  Batch batch = make_batch({pair}, {0}, 1, 2);
  variation.vary_input(batch, 1, random);
  EXPECT_EQ(batch.target_input, (Ids{2, 9, 9}));
}

TEST_F(VariationTest, RefusesWhatCannotBeSampled) {
  EXPECT_EQ(thrown<ValueError>([&] {
              Variation({}, {.target = 0.1f}, tokenizer("chinese_char.spm"), {english}, {chinese},
                        100);
            }),
            "sampling: target.spm is no unigram model, which alone can be sampled from");
}

}  // namespace
}  // namespace regard::training
