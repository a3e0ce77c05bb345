// SPDX-License-Identifier: MIT
#include "evaluation/report.h"

#include <algorithm>

#include "evaluation/chrf.h"
#include "tensor/order.h"

namespace regard::evaluation {

namespace {

using Texts = std::vector<std::string>;

Texts chosen(const Texts& texts, const std::vector<size_t>& places) {
  Texts some;
  for (const size_t place : places) some.push_back(texts[place]);
  return some;
}

Scores scores_of(const Texts& translations, const Texts& references, Tokenization tokenization) {
  return {translations.size(), bleu(translations, references, tokenization),
          chrf(translations, references)};
}

}  // namespace

double Scores::length_ratio() const noexcept {
  if (bleu.reference_words == 0) return 0;
  return static_cast<double>(bleu.hypothesis_words) / static_cast<double>(bleu.reference_words);
}

std::vector<LengthClass> length_classes(const SentencePairs& pairs, const Languages& languages) {
  std::vector<LengthClass> classes = {
      {"up to 5 words", 5}, {"6 to 9 words", 9}, {"10 words and more", ~size_t{0}}};
  const Texts& counted = languages.source == "zh" ? pairs.references : pairs.sources;
  for (size_t place = 0; place < counted.size(); ++place) {
    const size_t words = split(counted[place]).size();
    const auto fits = [&](const LengthClass& each) { return words <= each.longest; };
    std::find_if(classes.begin(), classes.end(), fits)->places.push_back(place);
  }
  std::erase_if(classes, [](const LengthClass& each) { return each.places.empty(); });
  return classes;
}

SearchReport score(const SentencePairs& pairs, const std::vector<LengthClass>& classes,
                   const std::string& language, Texts translations) {
  const Tokenization tokenization = usual_tokenization(language);
  SearchReport report;
  report.all = scores_of(translations, pairs.references, tokenization);
  for (const LengthClass& each : classes) {
    report.by_length.push_back(scores_of(chosen(translations, each.places),
                                         chosen(pairs.references, each.places), tokenization));
  }
  report.translations = std::move(translations);
  return report;
}

Texts translate(const decoding::Translator& translator, const Texts& sources,
                const decoding::TranslateOptions& options) {
  decoding::TranslationSearch search = translator.start(sources, options);
  while (search.step()) {
  }
  Texts translations;
  for (Index i = 0; i < search.texts(); ++i) {
    translations.push_back(search.result(i).hypotheses[0].target.text);
  }
  return translations;
}

Losses reference_losses(const decoding::Translator& translator, const SentencePairs& pairs) {
  const models::MarianModel& model = translator.model();
  Losses losses;
  double sum = 0, tokens = 0;
  for (size_t i = 0; i < pairs.size(); ++i) {
    Ids target;
    for (const auto& piece : model.tokenizer.encode_target(pairs.references[i]).pieces) {
      target.push_back(piece.id);
    }
    const Index most = model.transformer.config().max_positions;
    if (static_cast<Index>(target.size()) > most) {
      throw ValueError(pairs.places[i], ": the reference has ", target.size(),
                       " pieces, expected at most ", most);
    }
    const Ids source = decoding::read_source(model, pairs.sources[i]).ids();
    double loss = 0;
    for (const float each : decoding::log_probabilities(model.transformer, source, target)) {
      loss -= static_cast<double>(each);
    }
    losses.sentences.push_back(loss / static_cast<double>(target.size()));
    sum += loss;
    tokens += static_cast<double>(target.size());
  }
  losses.mean = sum / std::max(tokens, 1.0);
  return losses;
}

std::vector<size_t> worst_first(const Losses& losses) {
  const auto& all = losses.sentences;
  return ordered(all.size(), [&](size_t a, size_t b) { return all[a] > all[b]; });
}

}  // namespace regard::evaluation
