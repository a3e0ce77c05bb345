// SPDX-License-Identifier: MIT
#include "cli/corpus.h"

#include "cli/tiny_training.h"
#include "io/json.h"
#include "thrown.h"

namespace regard::cli {
namespace {

class CorpusTest : public ::testing::Test {
 protected:
  // The pairs of two files of these lines, of which any share may be unusable.
  Corpus read(const std::string& source, const std::string& target, CorpusOptions options) {
    folder.write("a.en", source);
    folder.write("a.zh", target);
    return read_corpus(tokenizer, folder.path("a.en"), folder.path("a.zh"), options);
  }
  std::string complaint(const std::string& source, const std::string& target,
                        CorpusOptions options = {}) {
    std::string text = thrown<ValueError>([&] { read(source, target, options); });
    for (size_t at; (at = text.find(folder.path(""))) != std::string::npos;) {
      text.erase(at, folder.path("").size());
    }
    return text;
  }
  // What the remarks say of one line that is wrong among two.
  std::string remark(const std::string& source, const std::string& target,
                     CorpusOptions options = {}) {
    options.skip_share = 1;
    const Corpus corpus = read("I like dogs.\n" + source + "\nI want water.\n",
                               "我喜欢狗。\n" + target + "\n我想要水。\n", options);
    EXPECT_EQ(corpus.pairs.size(), 2u);
    EXPECT_EQ(corpus.sources, (std::vector<std::string>{"I like dogs.", "I want water."}));
    std::string text = corpus.remarks;
    for (size_t at; (at = text.find(folder.path(""))) != std::string::npos;) {
      text.erase(at, folder.path("").size());
    }
    return text;
  }

  TinyTraining folder;
  text::MarianTokenizer tokenizer = models::read_marian_tokenizer(
      read_folder(folder.path(), {"source.spm", "target.spm", "vocab.json"}));
};

TEST_F(CorpusTest, ReadsPairsWithTheirText) {
  const Corpus corpus =
      read("\xEF\xBB\xBFI like dogs.\r\nI want water.", "我喜欢狗。\n我想要水。\n", {});
  ASSERT_EQ(corpus.pairs.size(), 2u);
  EXPECT_EQ(corpus.sources[0], "I like dogs.");
  EXPECT_EQ(corpus.targets[1], "我想要水。");
  EXPECT_EQ(corpus.pairs[0].source.back(), tokenizer.end());
  EXPECT_EQ(corpus.remarks, "");
}

TEST_F(CorpusTest, LeavesOutWhatIsUnusableAndSaysWhere) {
  EXPECT_EQ(remark("", "我喜欢狗。"), "left out\n1 empty: a.en:2");
  EXPECT_EQ(remark("I like dogs.", " \xE3\x80\x80 "), "left out\n1 empty: a.zh:2");
  EXPECT_EQ(remark("I like\tdogs.", "狗"), "left out\n1 with a tab, as columns have: a.en:2");
  EXPECT_EQ(remark(std::string("I\0l", 3), "狗"), "left out\n1 with a NUL, as UTF-16 has: a.en:2");
  // "我喜欢" in GB18030
  EXPECT_EQ(remark("I like water.", "\xCE\xD2\xCF\xB2\xBB\xB6"), "left out\n1 no UTF-8: a.zh:2");
  EXPECT_EQ(remark(std::string(10001, 'a'), "狗"),
            "left out\n1 longer than 10000 characters: a.en:2");
  EXPECT_EQ(remark("I like many many many dogs.", "我喜欢狗。", {.max_pieces = 7}),
            "left out\n1 of more than 7 pieces: a.en:2");
}

TEST_F(CorpusTest, SaysWhatTheVocabularyLacks) {
  EXPECT_EQ(remark("☃", "狗"),
            "left out\n1 with nothing that the vocabulary has: a.en:2\n"
            "not in the vocabulary\n1 ☃: a.en:2");
  const Corpus corpus = read("I like dogs.\n", "我喜欢狗狗狗狗狗狗☃。\n", {});
  EXPECT_EQ(corpus.pairs.size(), 1u);
  EXPECT_TRUE(corpus.remarks.starts_with("not in the vocabulary\n1 ☃: ")) << corpus.remarks;
}

TEST_F(CorpusTest, CountsWhatEachOfTwoVocabulariesLacks) {
  const auto vocabulary =
      io::Json::parse(io::bytes_of(folder.read("vocab.json")), "vocab.json").members("vocab.json");
  io::Json::Object backwards;
  for (const auto& [token, id] : vocabulary) {
    backwards.emplace_back(token,
                           static_cast<int64_t>(vocabulary.size()) - 1 - id.whole("vocab.json"));
  }
  folder.write("target_vocab.json", io::Json(backwards).to_string());
  tokenizer = models::read_marian_tokenizer(read_model_files(folder.path()));
  ASSERT_NE(tokenizer.source_unknown(), tokenizer.unknown());
  const Corpus corpus = read("I like dogs and water.\nI like the dog and the ☃.\n",
                             "我喜欢狗。\n我喜欢狗狗狗狗狗☃。\n", {});
  EXPECT_EQ(corpus.pairs.size(), 2u);
  EXPECT_NE(corpus.remarks.find("☃: a.en:2, a.zh:2"), std::string::npos) << corpus.remarks;
}

TEST_F(CorpusTest, RefusesWhatNoLineCanExplain) {
  EXPECT_EQ(complaint("I like dogs.\n", "我喜欢狗。\n我想要水。\n"), "a.en: 1 lines, a.zh has 2");
  EXPECT_EQ(complaint("\xFF\xFEI\0", "我\n"),
            "a.en:1: is UTF-16 by its byte order mark, expected UTF-8");
  EXPECT_EQ(complaint("", ""), "a.en, a.zh: there are no pairs");
  EXPECT_EQ(complaint("我喜欢狗。\n", "I like dogs.\n"),
            "a.en: 1 of 1 pieces are not in the vocabulary: is it of another language?");
}

TEST_F(CorpusTest, RefusesMoreUnusableLinesThanAllowed) {
  std::string en, zh;
  for (int i = 0; i < 98; ++i) {
    en += "I like dogs.\n";
    zh += "我喜欢狗。\n";
  }
  const CorpusOptions lenient{.skip_share = 0.02};
  EXPECT_EQ(read(en + "\nWe\n", zh + "我们\n\n", lenient).pairs.size(), 98u);
  EXPECT_EQ(complaint(en + "\nWe\n\n", zh + "我们\n\n我\n", lenient),
            "a.en, a.zh: 3 of 101 lines are unusable, expected at most 2 %:\n"
            "3 empty: a.en:99, a.zh:100, a.en:101");
}

}  // namespace
}  // namespace regard::cli
