// SPDX-License-Identifier: MIT
#include "cli/dev_set.h"

#include <algorithm>
#include <span>
#include <utility>

#include "decoding/translator.h"
#include "evaluation/bleu.h"
#include "evaluation/chrf.h"
#include "training/trainer.h"

namespace regard::cli {

DevSet::DevSet(Corpus corpus, text::MarianTokenizer tokenizer, models::GenerationConfig generation,
               const std::string& language)
    : corpus_(std::move(corpus)),
      tokenizer_(std::move(tokenizer)),
      generation_(std::move(generation)),
      tokenization_(evaluation::usual_tokenization(language)) {}

std::optional<DevScores> DevSet::score(const models::Transformer& model, Index sentences,
                                       const std::function<bool()>& stopped) const {
  DevScores scores;
  scores.loss = static_cast<double>(training::evaluate_loss(model, corpus_.pairs));
  scores.sentences = std::min(sentences, size());
  if (scores.sentences == 0) return scores;

  // A copy shares the weights, but not what is packed of them.
  models::Transformer snapshot = model;
  snapshot.prepack();
  const decoding::Translator translator({std::move(snapshot), generation_, tokenizer_});
  const auto count = static_cast<size_t>(scores.sentences);
  const std::vector<std::string> texts(corpus_.sources.begin(),
                                       corpus_.sources.begin() + scores.sentences);
  decoding::TranslationSearch search = translator.start(texts, {.beams = 1});
  while (search.step()) {
    if (stopped()) return std::nullopt;
  }
  std::vector<std::string> hypotheses;
  for (Index i = 0; i < scores.sentences; ++i) {
    hypotheses.push_back(search.result(i).hypotheses[0].target.text);
  }
  const std::span references = std::span(corpus_.targets).first(count);
  scores.bleu = evaluation::bleu(hypotheses, references, tokenization_).score;
  scores.chrf = evaluation::chrf(hypotheses, references);
  return scores;
}

}  // namespace regard::cli
