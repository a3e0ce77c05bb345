// SPDX-License-Identifier: MIT
#include "training/trainer.h"

#include <string>
#include <utility>

#include "autograd/operations.h"
#include "tensor/stopwatch.h"

namespace regard::training {

using autograd::Variable;

namespace {

// Streams of randomness under the trainer's seed.
constexpr uint64_t order_stream = 1;
constexpr uint64_t dropout_stream = 2;
constexpr uint64_t variation_stream = 3;

Variable loss_of(const models::Transformer& model, layers::Pass& pass, const Batch& batch,
                 float label_smoothing) {
  const Variable memory = model.encode(pass, batch.source, batch.source_lengths);
  const Variable states = model.decode(pass, batch.target_input, memory, batch.source_lengths);
  const Id pad = model.config().pad;
  return autograd::cross_entropy(pass.tape, model.logits(pass, states), batch.target_output,
                                 {.ignore = pad, .masked = pad, .smoothing = label_smoothing});
}

}  // namespace

Trainer::Trainer(models::Transformer& model, std::vector<Pair> pairs, const TrainerOptions& options,
                 std::optional<Variation> variation)
    : model_(model),
      pairs_(std::move(pairs)),
      options_(options),
      adam_(model.parameters(), options.adam),
      average_(model.parameters(), options.average_decay),
      last_checkpoints_(model.parameters(), options.average_last),
      variation_(std::move(variation)) {
  if (pairs_.empty()) throw ValueError("trainer: there are no pairs to train on");
  for (const Pair& pair : pairs_) {
    if (pair.source.empty() || pair.target.empty()) {
      throw ValueError("trainer: a pair has an empty side");
    }
  }
  plan_epoch();
}

void Trainer::plan_epoch() {
  if (planned_epoch_ == epoch_) return;
  const uint64_t seed = derive_seed(options_.seed, order_stream);
  plan_ =
      plan_batches(pairs_, options_.batch_tokens, derive_seed(seed, static_cast<uint64_t>(epoch_)));
  planned_epoch_ = epoch_;
}

// The pairs as they look at this step.
Batch Trainer::batch_of(const std::vector<size_t>& rows) const {
  const Id pad = model_.config().pad, start = model_.config().decoder_start;
  if (!variation_) return make_batch(pairs_, rows, pad, start);

  const uint64_t seed = derive_seed(options_.seed, variation_stream);
  Random random(derive_seed(seed, static_cast<uint64_t>(steps_)));
  std::vector<Pair> varied;
  std::vector<size_t> places;
  for (const size_t row : rows) {
    places.push_back(varied.size());
    varied.push_back(variation_->vary(pairs_[row], row, random));
  }
  Batch batch = make_batch(varied, places, pad, start);
  variation_->vary_input(batch, pad, random);
  return batch;
}

StepReport Trainer::step() {
  if (next_batch_ == batches_per_epoch()) {
    ++epoch_;
    next_batch_ = 0;
    plan_epoch();
  }
  ++steps_;
  const Batch batch = batch_of(plan_[static_cast<size_t>(next_batch_++)]);

  layers::Tape tape(layers::Tape::Mode::record, options_.precision);
  const uint64_t seed = derive_seed(options_.seed, dropout_stream);
  layers::Pass pass{.tape = tape,
                    .dropout = options_.dropout,
                    .seed = derive_seed(seed, static_cast<uint64_t>(steps_))};
  const Variable loss = loss_of(model_, pass, batch, options_.label_smoothing);
  tape.backward(loss);
  model_.pin_padding();

  const Timed timed(Work::optimizer);
  const float rate = options_.schedule.rate(adam_.steps() + 1);
  const double norm = adam_.step(rate);
  average_.update(adam_.steps());
  last_checkpoints_.update(steps_);
  return {.step = steps_,
          .epoch = epoch_,
          .loss = loss->value.data()[0],
          .rate = rate,
          .gradient_norm = norm,
          .target_tokens = batch.target_tokens,
          .source_tokens = batch.source_tokens};
}

void Trainer::exchange() noexcept {
  if (last_checkpoints_.complete()) {
    last_checkpoints_.exchange();
  } else {
    average_.exchange();
  }
}

void Trainer::resume(Index steps, Index updates) {
  steps_ = 0;
  epoch_ = 1;
  next_batch_ = 0;
  plan_epoch();
  // Epochs may differ in their number of batches: only their plans tell where a step lies.
  while (steps - steps_ > batches_per_epoch()) {
    steps_ += batches_per_epoch();
    ++epoch_;
    plan_epoch();
  }
  next_batch_ = steps - steps_;
  steps_ = steps;
  adam_.resume(updates);
}

float evaluate_loss(const models::Transformer& model, const std::vector<Pair>& pairs) {
  double total = 0;
  Index tokens = 0;
  for (const auto& rows : plan_batches(pairs, 2048, 0)) {
    const Batch batch = make_batch(pairs, rows, model.config().pad, model.config().decoder_start);
    layers::Tape tape(layers::Tape::Mode::forget);
    layers::Pass pass{tape};
    const Variable loss = loss_of(model, pass, batch, 0);
    total += static_cast<double>(loss->value.data()[0]) * static_cast<double>(batch.target_tokens);
    tokens += batch.target_tokens;
  }
  return tokens ? static_cast<float>(total / static_cast<double>(tokens)) : 0.0f;
}

}  // namespace regard::training
