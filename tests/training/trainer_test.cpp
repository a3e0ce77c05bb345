// SPDX-License-Identifier: MIT
#include "training/trainer.h"

#include <gtest/gtest.h>

#include "models/weights.h"
#include "tensor/parallel.h"
#include "thrown.h"
#include "training/checkpoint.h"

namespace regard::training {
namespace {

constexpr Id end = 0, pad = 13;

models::TransformerConfig tiny_config() {
  models::TransformerConfig config;
  config.V = config.target_V = 14;
  config.M = 32;
  config.encoder_layers = config.decoder_layers = 2;
  config.encoder_heads = config.decoder_heads = 4;
  config.encoder_F = config.decoder_F = 64;
  config.max_positions = 32;
  config.pad = config.decoder_start = pad;
  return config;
}

// Sequences of digits and the same reversed.
std::vector<Pair> reversals(size_t count, uint64_t seed) {
  Random random(seed);
  std::vector<Pair> pairs(count);
  for (Pair& pair : pairs) {
    for (uint64_t i = 2 + random.below(5); i > 0; --i) {
      pair.source.push_back(static_cast<Id>(2 + random.below(10)));
    }
    pair.target.assign(pair.source.rbegin(), pair.source.rend());
    pair.source.push_back(end);
    pair.target.push_back(end);
  }
  return pairs;
}

TrainerOptions options() {
  return {.batch_tokens = 256, .schedule = {.peak = 3e-3f, .warmup = 30}, .average_decay = 0.9f};
}

// A model in training.
struct Practice {
  models::Transformer model{tiny_config(), layers::Initializer(7, 0.1)};
  Trainer trainer;

  explicit Practice(const TrainerOptions& chosen = options(),
                    std::optional<Variation> variation = {})
      : trainer(model, reversals(300, 1), chosen, std::move(variation)) {}

  void steps(Index count) {
    for (Index i = 0; i < count; ++i) trainer.step();
  }
};

TEST(Trainer, LearnsToReverse) {
  Practice run;
  const auto held_out = reversals(100, 2);
  const float before = evaluate_loss(run.model, held_out);
  run.steps(250);
  run.trainer.average().exchange();
  // Guessing among ten digits costs log 10 = 2.3 nats.
  EXPECT_GT(before, 2.0f);
  EXPECT_LT(evaluate_loss(run.model, held_out), 0.8f);
}

TEST(Trainer, GoesOnFromACheckpointBitForBit) {
  Practice whole, first, second;
  const Index per_epoch = whole.trainer.batches_per_epoch();
  // The stop lies in the second epoch, the end in the third.
  const Index stop = per_epoch + 3, last = 2 * per_epoch + 2;
  whole.steps(last);

  first.steps(stop);
  const io::Bytes checkpoint = write_checkpoint(first.model, first.trainer);
  second.steps(1);  // whatever a trainer did before, it forgets
  read_checkpoint(checkpoint, "state", second.model, second.trainer);
  EXPECT_EQ(second.trainer.steps(), stop);
  second.steps(last - stop);

  EXPECT_EQ(write_checkpoint(second.model, second.trainer),
            write_checkpoint(whole.model, whole.trainer));
}

TEST(Trainer, ComputesTheSameBitsOnAnyNumberOfThreads) {
  const int threads = thread_count();
  std::vector<io::Bytes> results;
  for (const auto precision : {autograd::Precision::fp32, autograd::Precision::bf16}) {
    for (const int count : {1, 2, 3}) {
      set_thread_count(count);
      TrainerOptions chosen = options();
      chosen.precision = precision;
      Practice run(chosen);
      run.steps(5);
      results.push_back(write_checkpoint(run.model, run.trainer));
    }
  }
  set_thread_count(threads);
  for (const size_t first : {0, 3}) {
    EXPECT_EQ(results[first + 1], results[first]);
    EXPECT_EQ(results[first + 2], results[first]);
  }
  EXPECT_NE(results[3], results[0]);
}

TEST(Trainer, LearnsAsMuchFromProductsInBf16) {
  TrainerOptions chosen = options();
  Practice whole(chosen);
  chosen.precision = autograd::Precision::bf16;
  Practice rounded(chosen);
  whole.steps(60);
  rounded.steps(60);
  const auto held_out = reversals(100, 2);
  // Rounding to 8 bits is noise beside dropout's: measured, the losses are within 0.1 %.
  const float loss = evaluate_loss(whole.model, held_out);
  EXPECT_NEAR(evaluate_loss(rounded.model, held_out), loss, 0.02f * loss);
}

TEST(Trainer, KeepsThePaddingsEmbeddingAtZero) {
  Practice run;
  run.steps(3);
  for (const auto& [name, parameter] : run.model.parameters()) {
    if (name != "model.shared.weight") continue;
    for (const float value : parameter->value.slice(pad, pad + 1).values()) EXPECT_EQ(value, 0.0f);
  }
}

TEST(Trainer, RefusesNothingAndEmptySides) {
  models::Transformer model(tiny_config(), layers::Initializer(1));
  EXPECT_EQ(thrown<ValueError>([&] { Trainer(model, {}, options()); }),
            "trainer: there are no pairs to train on");
  EXPECT_EQ(thrown<ValueError>([&] { Trainer(model, {{{3, 0}, {}}}, options()); }),
            "trainer: a pair has an empty side");
}

TEST(Trainer, ShipsTheMeanOfTheLastCheckpointsWhenItIsComplete) {
  TrainerOptions chosen = options();
  chosen.average_last = {.count = 3, .every = 2, .steps = 8};
  Practice run(chosen);
  // by hand: the mean of the weights after steps 4, 6 and 8
  std::vector<double> sums;
  for (Index step = 1; step <= 8; ++step) {
    run.trainer.step();
    EXPECT_EQ(run.trainer.last_checkpoints().complete(), step == 8);
    if (step < 4 || step % 2 != 0) continue;
    size_t at = 0;
    for (const auto& [name, parameter] : run.model.parameters()) {
      for (const float value : parameter->value.values()) {
        if (at == sums.size()) sums.push_back(0);
        sums[at++] += static_cast<double>(value);
      }
    }
  }
  const io::Bytes before = write_checkpoint(run.model, run.trainer);
  run.trainer.exchange();
  size_t at = 0;
  for (const auto& [name, parameter] : run.model.parameters()) {
    for (const float value : parameter->value.values()) {
      // weights below 1 in size, rounded at each of three additions
      EXPECT_NEAR(value, sums[at++] / 3, 3 * 6e-8) << name;
    }
  }
  run.trainer.exchange();
  EXPECT_EQ(write_checkpoint(run.model, run.trainer), before);
}

TEST(Trainer, VariesPairsAsAFunctionOfTheStep) {
  TrainerOptions chosen = options();
  chosen.noise = {.drop = 0.1f, .mask = 0.1f, .swap = 0.1f, .target_mask = 0.1f};
  const Variation noise(chosen.noise, 1, 1);
  Practice plain(chosen), whole(chosen, noise), first(chosen, noise), second(chosen, noise);
  plain.steps(6);
  whole.steps(6);
  first.steps(4);
  read_checkpoint(write_checkpoint(first.model, first.trainer), "state", second.model,
                  second.trainer);
  second.steps(2);
  EXPECT_EQ(write_checkpoint(second.model, second.trainer),
            write_checkpoint(whole.model, whole.trainer));
  EXPECT_NE(write_checkpoint(plain.model, plain.trainer),
            write_checkpoint(whole.model, whole.trainer));
}

TEST(Checkpoint, SaysWhatItLacks) {
  Practice run;
  const auto complaint = [&](const io::Metadata& metadata) {
    const io::Bytes bytes =
        io::write_safetensors({{"x", Tensor::zeros({1})}}, io::Dtype::F32, metadata);
    return thrown<FormatError>([&] { read_checkpoint(bytes, "state", run.model, run.trainer); });
  };
  EXPECT_EQ(complaint({{"steps", "3"}, {"updates", "3"}}),
            "state: is no checkpoint of a training, or one of another version: move it away to "
            "begin anew");
  io::Metadata metadata = read_about_checkpoint(write_checkpoint(run.model, run.trainer), "state");
  EXPECT_EQ(complaint(metadata), "state: tensor \"final_logits_bias\" is missing");
  metadata.erase("updates");
  EXPECT_EQ(complaint(metadata), "state: the metadata has no number of updates");
}

TEST(Checkpoint, KeepsWhatItsWriterSaysOfIt) {
  Practice run;
  const auto about =
      read_about_checkpoint(write_checkpoint(run.model, run.trainer, {{"data", "mine"}}), "state");
  EXPECT_EQ(about.at("data"), "mine");
  EXPECT_EQ(about.at("steps"), "0");
}

// A training whose options now ask for a mean goes on from a checkpoint that has none.
TEST(Checkpoint, MayLackAMean) {
  Practice before;
  before.steps(2);
  TrainerOptions chosen = options();
  chosen.average_last = {.count = 2, .every = 1, .steps = 4};
  Practice after(chosen);
  read_checkpoint(write_checkpoint(before.model, before.trainer), "state", after.model,
                  after.trainer);
  after.steps(2);
  EXPECT_TRUE(after.trainer.last_checkpoints().complete());
}

// The mean of a training that was over is none of a longer one, until that has its own.
TEST(Checkpoint, OfAFinishedTrainingBeginsTheMeanOfALongerOneAnew) {
  TrainerOptions chosen = options();
  chosen.average_last = {.count = 3, .every = 1, .steps = 4};
  Practice over(chosen), same(chosen);
  over.steps(4);
  const io::Bytes state = write_checkpoint(over.model, over.trainer);
  read_checkpoint(state, "state", same.model, same.trainer);
  EXPECT_TRUE(same.trainer.last_checkpoints().complete());

  for (const Index steps : {5, 6, 8}) {
    chosen.average_last.steps = steps;
    Practice longer(chosen);
    read_checkpoint(state, "state", longer.model, longer.trainer);
    for (Index step = 4; step < steps; ++step) {
      EXPECT_FALSE(longer.trainer.last_checkpoints().complete()) << steps << ", " << step;
      longer.steps(1);
    }
    // its window must not have opened before the end of the other
    EXPECT_EQ(longer.trainer.last_checkpoints().complete(), steps == 8) << steps;
  }
}

}  // namespace
}  // namespace regard::training
