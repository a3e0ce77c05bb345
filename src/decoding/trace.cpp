// SPDX-License-Identifier: MIT
#include "decoding/trace.h"

#include <utility>

#include "kernels/softmax.h"

namespace regard::decoding {

namespace {

void expect_target(const Ids& target, const models::TransformerConfig& config) {
  const auto T = static_cast<Index>(target.size());
  if (T < 1 || T > config.max_positions) {
    throw ValueError("trace: the target has ", T, " pieces, expected 1 to ", config.max_positions);
  }
  for (const Id id : target) {
    if (id >= 0 && id < config.target_V) continue;
    throw ValueError("trace: an id of the target is ", id, ", expected 0 to ", config.target_V - 1);
  }
}

// One sentence's tensor without its batch.
Tensor unbatched(const Tensor& x) {
  const Shape& shape = x.shape();
  return x.reshape(Shape(std::span(shape.begin() + 1, shape.end())));
}

}  // namespace

std::vector<float> log_probabilities(const models::Transformer& model, const Ids& source,
                                     const Ids& target, layers::Probe* probe) {
  expect_target(target, model.config());
  Ids fed = target;  // each step is given the piece before
  fed.insert(fed.begin(), model.config().decoder_start);
  fed.pop_back();

  layers::Tape tape(layers::Tape::Mode::forget);
  layers::Pass pass{.tape = tape, .probe = probe};
  const std::vector<Index> lengths = {static_cast<Index>(source.size())};
  const auto memory = model.encode(pass, source, lengths);
  const Tensor logits = model.logits(pass, model.decode(pass, fed, memory, lengths))->value;

  const Index V = logits.size(-1);
  std::vector<float> found;
  const float* row = logits.data();
  for (const Id id : target) {
    found.push_back(row[id] - kernels::log_sum_exp_row(row, V));
    row += V;
  }
  return found;
}

Trace trace(const models::MarianModel& model, const std::string& source, const Ids& target,
            const TraceOptions& options) {
  Trace found;
  found.source = read_source(model, source);
  const auto T = static_cast<Index>(target.size());
  const models::TransformerConfig& config = model.transformer.config();
  expect_target(target, config);
  models::check_interventions(options.interventions, config, found.source.size(), T);

  layers::Probe probe = models::probe_for(options.interventions, T);
  probe.trace(options.stages);
  found.log_probabilities =
      log_probabilities(model.transformer, found.source.ids(), target, &probe);
  found.target = model.tokenizer.decode_target(target);
  for (const auto& [name, step] : probe.steps()) found.steps.emplace_back(name, unbatched(step));
  return found;
}

}  // namespace regard::decoding
