// SPDX-License-Identifier: MIT
// Looking inside of a translator: every step of its attentions, and what it loses with each piece.
#include "decoding/trace.h"

#include <emscripten/bind.h>

#include "decoding/translator.h"
#include "guard.h"
#include "interventions.h"
#include "variables.h"

namespace regard::bindings {
namespace {

using decoding::Influence;
using decoding::Trace;
using decoding::Translator;
using text::Sentence;

// The target's ids: the option `target`.
Ids target_of(const Options& options) {
  Ids ids;
  for (const Index id : options.wholes("target")) ids.push_back(static_cast<Id>(id));
  return ids;
}

Trace trace(const Translator& translator, const std::string& text, const std::string& asked) {
  const Options options("trace", asked);
  return translator.trace(
      text, target_of(options),
      {.stages = stages_of(options, "stages"), .interventions = interventions_of(options)});
}

Sentence trace_source(const Trace& trace) { return trace.source.sentence; }
Sentence trace_target(const Trace& trace) { return trace.target; }

int trace_log_probabilities(const Trace& trace) {
  return keep(Tensor::from({std::ssize(trace.log_probabilities)}, trace.log_probabilities));
}

int steps(const Trace& trace) { return static_cast<int>(trace.steps.size()); }
std::string step_name(const Trace& trace, int place) {
  return trace.steps.at(static_cast<size_t>(place)).first;
}
int step_values(const Trace& trace, int place) {
  return keep(trace.steps.at(static_cast<size_t>(place)).second);
}

std::shared_ptr<Influence> influence(const Translator& translator, const std::string& text,
                                     const std::string& asked) {
  const Options options("influence", asked);
  return std::make_shared<Influence>(translator.influence(text, target_of(options)));
}

bool leave_out(Influence& influence) { return influence.step(); }
Sentence influence_source(const Influence& influence) { return influence.source().sentence; }
Sentence influence_target(const Influence& influence) { return influence.target(); }
int influence_values(const Influence& influence) { return keep(influence.influence()); }
int influence_attention(const Influence& influence) { return keep(influence.attention()); }
double log_probability(const Influence& influence) { return influence.log_probability(); }
double agreement(const Influence& influence) { return influence.agreement(); }

}  // namespace

EMSCRIPTEN_BINDINGS(trace) {
  using namespace emscripten;

  class_<Trace>("Trace")
      .function("source", &guarded<&trace_source>::call)
      .function("target", &guarded<&trace_target>::call)
      .function("logProbabilities", &guarded<&trace_log_probabilities>::call)
      .function("steps", &steps)
      .function("name", &guarded<&step_name>::call)
      .function("values", &guarded<&step_values>::call);
  register_optional<Trace>();
  function("trace", &guarded<&trace>::call);

  class_<Influence>("Influence")
      .smart_ptr<std::shared_ptr<Influence>>("InfluencePointer")
      .function("step", &guarded<&leave_out>::call)
      .function("source", &guarded<&influence_source>::call)
      .function("target", &guarded<&influence_target>::call)
      .function("influence", &guarded<&influence_values>::call)
      .function("attention", &guarded<&influence_attention>::call)
      .function("logProbability", &guarded<&log_probability>::call)
      .function("agreement", &guarded<&agreement>::call);
  register_optional<std::shared_ptr<Influence>>();
  function("influence", &guarded<&influence>::call);
}

}  // namespace regard::bindings
