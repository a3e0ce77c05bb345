// SPDX-License-Identifier: MIT
#include "cli/dev_set.h"

#include "cli/tiny_training.h"
#include "decoding/translator.h"
#include "evaluation/bleu.h"
#include "evaluation/chrf.h"
#include "training/trainer.h"

namespace regard::cli {
namespace {

class DevSetTest : public ::testing::Test {
 protected:
  DevSetTest() {
    // on these sentences themselves, until it knows some of them
    training::Trainer trainer(
        model, corpus.pairs,
        {.batch_tokens = 64, .dropout = 0, .schedule = {.peak = 0.01f, .warmup = 5}});
    for (int i = 0; i < 60; ++i) trainer.step();
  }
  DevSet set() const { return DevSet(corpus, tokenizer, generation, "zh"); }

  TinyTraining folder;
  models::Folder files = read_folder(folder.path(), {"source.spm", "target.spm", "vocab.json"});
  text::MarianTokenizer tokenizer = models::read_marian_tokenizer(files);
  Corpus corpus = read_corpus(tokenizer, folder.path("dev.en"), folder.path("dev.zh"), {});
  models::TransformerConfig config = models::read_transformer_config(
      io::Json::parse(io::read_file(folder.path("config.json")), "config.json"), "config.json");
  models::GenerationConfig generation{.max_length = 12, .pad = 4776, .decoder_start = 4776};
  models::Transformer model{config, layers::Initializer(1, 0.1)};
};

TEST_F(DevSetTest, ScoresGreedyTranslationsOfTheFirstSentences) {
  const auto scores = set().score(model, 5, [] { return false; });
  ASSERT_TRUE(scores && scores->bleu && scores->chrf);
  EXPECT_EQ(scores->sentences, 5);
  EXPECT_EQ(scores->loss, static_cast<double>(training::evaluate_loss(model, corpus.pairs)));

  const decoding::Translator translator({model, generation, tokenizer});
  std::vector<std::string> hypotheses;
  for (size_t i = 0; i < 5; ++i) {
    auto search = translator.start({corpus.sources[i]}, {.beams = 1});
    while (search.step()) {
    }
    hypotheses.push_back(search.result(0).hypotheses[0].target.text);
  }
  const std::vector<std::string> references(corpus.targets.begin(), corpus.targets.begin() + 5);
  EXPECT_EQ(*scores->bleu,
            evaluation::bleu(hypotheses, references, evaluation::Tokenization::zh).score);
  EXPECT_EQ(*scores->chrf, evaluation::chrf(hypotheses, references));
  EXPECT_GT(*scores->bleu, 0);
  EXPECT_GT(*scores->chrf, 0);
}

TEST_F(DevSetTest, TranslatesNoMoreThanItHasAndNothingIfToldSo) {
  EXPECT_EQ(set().score(model, 1000, [] { return false; })->sentences, set().size());
  const auto scores = set().score(model, 0, [] { return false; });
  EXPECT_GT(scores->loss, 0);
  EXPECT_FALSE(scores->bleu || scores->chrf);
}

TEST_F(DevSetTest, StopsWhenItIsToldTo) {
  int asked = 0;
  EXPECT_FALSE(set().score(model, 5, [&] { return ++asked == 3; }));
  EXPECT_EQ(asked, 3);
}

}  // namespace
}  // namespace regard::cli
