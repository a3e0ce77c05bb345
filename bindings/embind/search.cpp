// SPDX-License-Identifier: MIT
// The search for translations, stepped by JavaScript, and what it found.
#include <emscripten/bind.h>

#include <cmath>

#include "decoding/translator.h"
#include "guard.h"
#include "interventions.h"
#include "variables.h"

namespace regard::bindings {
namespace {

using decoding::EarlyStopping;
using decoding::Translation;
using decoding::TranslationSearch;
using decoding::Translator;
using text::Sentence;

using Texts = std::vector<std::string>;
enum class Early { model, no, yes, never };

struct Asked {
  int beams, n_best, max_length;  // beams and max_length 0: the model's
  float length_penalty;           // not a number: the model's
  Early early_stopping;
  std::string prefix, target;
  bool has_target, attention;
  std::string interventions;  // a JSON text, see interventions.h
};

Texts make_texts() { return {}; }
void add_text(Texts& texts, const std::string& text) { texts.push_back(text); }

std::shared_ptr<TranslationSearch> start(const Translator& translator, const Texts& texts,
                                         const Asked& asked) {
  decoding::TranslateOptions options{
      .n_best = asked.n_best, .prefix = asked.prefix, .attention = asked.attention};
  if (asked.beams) options.beams = asked.beams;
  if (asked.max_length) options.max_length = asked.max_length;
  if (!std::isnan(asked.length_penalty)) options.length_penalty = asked.length_penalty;
  if (asked.early_stopping == Early::no) options.early_stopping = EarlyStopping::no;
  if (asked.early_stopping == Early::yes) options.early_stopping = EarlyStopping::yes;
  if (asked.early_stopping == Early::never) options.early_stopping = EarlyStopping::never;
  if (asked.has_target) options.target = asked.target;
  options.interventions = interventions_of(Options("translate", asked.interventions));
  return std::make_shared<TranslationSearch>(translator.start(texts, options));
}

bool step(TranslationSearch& search) { return search.step(); }
Sentence partial(const TranslationSearch& search, int text) { return search.partial(text); }
Translation result(const TranslationSearch& search, int text) { return search.result(text); }

Sentence source(const Translation& result) { return result.source.sentence; }
int hypotheses(const Translation& result) { return static_cast<int>(result.hypotheses.size()); }

Sentence target(const Translation& result, int rank) {
  return result.hypotheses.at(static_cast<size_t>(rank)).target;
}

double score(const Translation& result, int rank) {
  return result.hypotheses.at(static_cast<size_t>(rank)).score;
}

int notes(const Translation& result) { return static_cast<int>(result.notes.size()); }

std::string note(const Translation& result, int index) {
  return result.notes.at(static_cast<size_t>(index));
}

bool has_attention(const Translation& result) { return result.attention.has_value(); }
int encoder_attention(const Translation& result) { return keep(result.attention.value().encoder); }
int cross_attention(const Translation& result) { return keep(result.attention.value().cross); }
int decoder_attention(const Translation& result) { return keep(result.attention.value().decoder); }

}  // namespace

EMSCRIPTEN_BINDINGS(search) {
  using namespace emscripten;

  class_<Texts>("Texts").function("add", &guarded<&add_text>::call);
  register_optional<Texts>();
  function("texts", &guarded<&make_texts>::call);

  enum_<Early>("EarlyStopping")
      .value("model", Early::model)
      .value("no", Early::no)
      .value("yes", Early::yes)
      .value("never", Early::never);
  value_object<Asked>("SearchOptions")
      .field("beams", &Asked::beams)
      .field("nBest", &Asked::n_best)
      .field("maxLength", &Asked::max_length)
      .field("lengthPenalty", &Asked::length_penalty)
      .field("earlyStopping", &Asked::early_stopping)
      .field("prefix", &Asked::prefix)
      .field("target", &Asked::target)
      .field("hasTarget", &Asked::has_target)
      .field("attention", &Asked::attention)
      .field("interventions", &Asked::interventions);

  class_<Translation>("Translation")
      .function("source", &guarded<&source>::call)
      .function("hypotheses", &hypotheses)
      .function("target", &guarded<&target>::call)
      .function("score", &guarded<&score>::call)
      .function("notes", &notes)
      .function("note", &guarded<&note>::call)
      .function("hasAttention", &has_attention)
      .function("encoder", &guarded<&encoder_attention>::call)
      .function("cross", &guarded<&cross_attention>::call)
      .function("decoder", &guarded<&decoder_attention>::call);
  register_optional<Translation>();
  register_optional<double>();
  class_<TranslationSearch>("TranslationSearch")
      .smart_ptr<std::shared_ptr<TranslationSearch>>("TranslationSearchPointer")
      .function("step", &guarded<&step>::call)
      .function("partial", &guarded<&partial>::call)
      .function("result", &guarded<&result>::call);
  register_optional<std::shared_ptr<TranslationSearch>>();
  function("search", &guarded<&start>::call);
}

}  // namespace regard::bindings
