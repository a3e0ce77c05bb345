// SPDX-License-Identifier: MIT
#pragma once

#include <optional>

#include "models/transformer.h"
#include "training/average.h"
#include "training/batches.h"
#include "training/checkpoint_average.h"
#include "training/trainer_options.h"
#include "training/variation.h"

namespace regard::training {

/// What one step did.
struct StepReport {
  Index step = 0;   ///< counted from 1
  Index epoch = 0;  ///< counted from 1
  float loss = 0;   ///< a target token's cross-entropy with smoothing, in nats
  float rate = 0;
  double gradient_norm = 0;  ///< if it is not finite, the step moved nothing
  Index target_tokens = 0;
  Index source_tokens = 0;
};

/// Trains a Transformer on pairs, one batch at each step().
///
/// All that a step does is a pure function of options, pairs, weights and the number of the step:
/// whoever restores the weights and calls resume() goes on as if nothing had happened.
class Trainer {
 public:
  /// The model is trained in place and must outlive the trainer.
  ///
  /// variation  what becomes of pairs each time they come by; without one, the options for
  ///            sampling and noise do nothing
  /// throws     ValueError if there are no pairs or one has an empty side
  Trainer(models::Transformer& model, std::vector<Pair> pairs, const TrainerOptions& options,
          std::optional<Variation> variation = {});

  StepReport step();

  Index steps() const noexcept { return steps_; }
  Index batches_per_epoch() const noexcept { return static_cast<Index>(plan_.size()); }
  /// The numbers of the pairs of each batch of this epoch.
  const std::vector<std::vector<size_t>>& plan() const noexcept { return plan_; }
  Adam& adam() noexcept { return adam_; }
  MovingAverage& average() noexcept { return average_; }
  CheckpointAverage& last_checkpoints() noexcept { return last_checkpoints_; }
  /// Exchanges the model's weights with those that one ships: the mean of the last checkpoints
  /// where it is complete, the moving average before. A second call puts them back.
  void exchange() noexcept;
  /// Goes on after `steps` steps; `updates` of them moved the weights.
  void resume(Index steps, Index updates);

 private:
  models::Transformer& model_;
  std::vector<Pair> pairs_;
  TrainerOptions options_;
  Adam adam_;
  MovingAverage average_;
  CheckpointAverage last_checkpoints_;
  std::optional<Variation> variation_;
  std::vector<std::vector<size_t>> plan_;
  Index planned_epoch_ = 0;
  Index epoch_ = 1;
  Index next_batch_ = 0;
  Index steps_ = 0;

  void plan_epoch();
  Batch batch_of(const std::vector<size_t>& rows) const;
};

/// A target token's mean cross-entropy on pairs, without dropout and smoothing, in nats.
float evaluate_loss(const models::Transformer& model, const std::vector<Pair>& pairs);

}  // namespace regard::training
