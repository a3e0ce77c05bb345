// SPDX-License-Identifier: MIT
#include "decoding/translation_search.h"

#include <algorithm>
#include <utility>

#include "decoding/greedy_search.h"

namespace regard::decoding {
namespace {

SearchOptions options_for(const models::MarianModel& model, const TranslateOptions& asked) {
  SearchOptions options = usual_options(model.generation);
  options.beams = asked.target ? 1 : asked.beams.value_or(options.beams);
  options.n_best = asked.target ? 1 : asked.n_best;
  options.length_penalty = asked.length_penalty.value_or(options.length_penalty);
  options.early_stopping = asked.early_stopping.value_or(options.early_stopping);
  options.max_length = asked.max_length.value_or(options.max_length);
  options.attention = asked.attention;

  // what the output layer has room for beyond the vocabulary is no token
  const Index V = model.transformer.config().target_V;
  for (Index id = model.tokenizer.target_vocabulary().size(); id < V; ++id) {
    options.bad_words.push_back({static_cast<Id>(id)});
  }
  return options;
}

Ids target_ids(const models::MarianModel& model, const std::string& text) {
  Ids ids;
  for (const auto& piece : model.tokenizer.encode_target(text).pieces) ids.push_back(piece.id);
  return ids;
}

}  // namespace

TranslationSearch::TranslationSearch(std::shared_ptr<const models::MarianModel> model,
                                     const std::vector<std::string>& texts,
                                     const TranslateOptions& options)
    : model_(std::move(model)),
      options_(options_for(*model_, options)),
      interventions_(options.interventions),
      translations_(texts.size()),
      done_(texts.size()) {
  if (!options.prefix.empty()) {
    options_.prefix = target_ids(*model_, options.prefix);
    options_.prefix.pop_back();  // `</s>`
  }
  if (options.target) target_ = target_ids(*model_, *options.target);
  const auto& config = model_->transformer.config();
  decoding::checked(options_, config.target_V, config.max_positions);
  if (options.target) check_target(target_, options_, config.target_V);

  std::vector<Index> lengths;
  for (size_t place = 0; place < texts.size(); ++place) {
    read(place, texts[place]);
    lengths.push_back(done_[place] ? 0 : translations_[place].source.size());
  }
  batches_ = plan_batches(lengths, options_.beams, options_.attention);
  if (interventions_.empty()) return;

  // a row to be replaced is as wide as its own text: each is a batch for itself
  std::optional<Index> T;
  if (options.target) T = static_cast<Index>(target_.size());
  batches_.clear();
  for (size_t place = 0; place < texts.size(); ++place) {
    if (done_[place]) continue;
    models::check_interventions(interventions_, config, lengths[place], T);
    batches_.push_back({place});
  }
}

void TranslationSearch::read(size_t place, const std::string& text) {
  Translation& translation = translations_[place];
  translation.source = read_source(*model_, text);
  if (translation.source.empty()) {
    translation.hypotheses.emplace_back();
    translation.notes.push_back("the source is empty: there is nothing to translate");
    done_[place] = true;
  }
  if (const Index dropped = translation.source.dropped) {
    const Index kept = translation.source.size() - 1;  // `</s>` is not counted
    translation.notes.push_back("the source has " + std::to_string(kept + dropped) +
                                " pieces; the first " + std::to_string(kept) + " were translated");
  }
}

bool TranslationSearch::step() {
  if (batch_ == batches_.size()) return false;
  if (!search_) {
    start_batch();
    return true;
  }
  if (search_->step()) return true;
  collect_batch();
  return batch_ < batches_.size();
}

void TranslationSearch::start_batch() {
  std::vector<Ids> sources;
  for (size_t place : batches_[batch_]) {
    sources.push_back(translations_[place].source.ids());
  }
  models::Encoded encoded = model_->transformer.encode(sources, options_.attention, interventions_);
  encoder_attention_ = std::move(encoded.attention);
  encoded.attention.clear();

  auto stepper = model_->transformer.start(std::move(encoded), interventions_);
  search_ = target_.empty()
                ? make_search(std::move(stepper), options_)
                : std::make_unique<GreedySearch>(std::move(stepper), options_,
                                                 std::vector<Ids>(sources.size(), target_));
}

void TranslationSearch::collect_batch() {
  const Batch& places = batches_[batch_];
  for (size_t i = 0; i < places.size(); ++i) {
    const auto sentence = static_cast<Index>(i);
    Translation& translation = translations_[places[i]];
    for (Hypothesis& found : search_->results(sentence)) {
      translation.hypotheses.push_back({model_->tokenizer.decode_target(found.ids), found.score,
                                        std::move(found.log_probabilities)});
    }
    const auto length = static_cast<Index>(translation.hypotheses[0].target.pieces.size()) + 1;
    if (target_.empty() && length == options_.max_length) {
      translation.notes.push_back("the translation was cut at " +
                                  std::to_string(options_.max_length - 1) + " pieces");
    }
    if (options_.attention) {
      translation.attention = gather_attention(sentence, translation.source.size());
    }
    done_[places[i]] = true;
  }
  search_.reset();
  encoder_attention_.clear();
  ++batch_;
}

TranslationAttention TranslationSearch::gather_attention(Index sentence,
                                                         Index source_pieces) const {
  const HypothesisAttention found = search_->attention(sentence);
  return {unpadded(encoder_attention_, sentence, source_pieces, source_pieces),
          unpadded(found.cross, source_pieces), found.decoder};
}

size_t TranslationSearch::checked(Index text) const {
  if (text >= 0 && text < texts()) return static_cast<size_t>(text);
  throw ValueError("translate: text is ", text, ", expected 0 to ", texts() - 1);
}

text::Sentence TranslationSearch::partial(Index text) const {
  const size_t place = checked(text);
  if (done_[place]) return translations_[place].hypotheses[0].target;
  if (!search_) return {};
  const Batch& places = batches_[batch_];
  const auto found = std::find(places.begin(), places.end(), place);
  if (found == places.end()) return {};
  return model_->tokenizer.decode_target(
      search_->partial(static_cast<Index>(found - places.begin())));
}

const Translation& TranslationSearch::result(Index text) const {
  const size_t place = checked(text);
  if (!done_[place]) throw ValueError("translate: the search is not done yet");
  return translations_[place];
}

}  // namespace regard::decoding
