// SPDX-License-Identifier: MIT
#include "training/trainer_options.h"

#include <cmath>

namespace regard::training {

namespace {

constexpr std::string_view keys[] = {
    "batch_tokens",  "dropout",       "label_smoothing",   "seed",          "peak_rate",
    "warmup",        "steps",         "cooldown",          "beta1",         "beta2",
    "epsilon",       "weight_decay",  "clip_norm",         "average_decay", "average_last",
    "average_every", "sample_source", "sample_target",     "sample_share",  "noise_drop",
    "noise_mask",    "noise_swap",    "noise_target_mask", "precision"};

}  // namespace

std::span<const std::string_view> trainer_option_keys() noexcept { return keys; }

TrainerOptions read_trainer_options(const io::Json& json, const std::string& name) {
  const io::Fields fields(json, name);
  const auto number = [&](const char* key, float fallback, double least, double most) {
    const double value = fields.number(key, static_cast<double>(fallback));
    if (!(value >= least && value <= most)) {
      throw FormatError(name, ": ", key, " is ", value, ", expected ", least, " to ", most);
    }
    return static_cast<float>(value);
  };
  const auto whole = [&](const char* key, int64_t fallback) {
    const int64_t value = fields.whole(key, fallback);
    if (value < 1 || value > int64_t{1} << 31) {
      throw FormatError(name, ": ", key, " is ", value,
                        ", expected a whole number from 1 to 2147483648");
    }
    return value;
  };

  TrainerOptions options;
  const double below_one = std::nextafter(1.0f, 0.0f);
  options.batch_tokens = static_cast<Index>(whole("batch_tokens", options.batch_tokens));
  options.dropout = number("dropout", options.dropout, 0, below_one);
  options.label_smoothing = number("label_smoothing", options.label_smoothing, 0, below_one);
  options.seed = static_cast<uint64_t>(whole("seed", static_cast<int64_t>(options.seed)));
  options.schedule.peak = number("peak_rate", options.schedule.peak, 0, 1);
  options.schedule.warmup = static_cast<Index>(whole("warmup", options.schedule.warmup));
  if (fields.has("steps")) options.schedule.steps = static_cast<Index>(whole("steps", 1));
  if (fields.has("cooldown")) {
    options.schedule.cooldown = static_cast<Index>(whole("cooldown", 1));
  }
  options.adam.beta1 = number("beta1", options.adam.beta1, 0, below_one);
  options.adam.beta2 = number("beta2", options.adam.beta2, 0, below_one);
  options.adam.epsilon = number("epsilon", options.adam.epsilon, 0, 1);
  options.adam.weight_decay = number("weight_decay", options.adam.weight_decay, 0, 1);
  options.adam.clip_norm = number("clip_norm", options.adam.clip_norm, 0, 1e9);
  options.average_decay = number("average_decay", options.average_decay, 0, below_one);

  CheckpointAverageOptions& last = options.average_last;
  if (fields.has("average_last")) last.count = static_cast<Index>(whole("average_last", 1));
  last.every = static_cast<Index>(whole("average_every", last.every));
  last.steps = options.schedule.steps;
  for (const char* key : {"cooldown", "average_last"}) {
    if (fields.has(key) && options.schedule.steps == 0) {
      throw FormatError(name, ": ", key, " counts from the last step, but steps is missing");
    }
  }

  options.sampling.source = number("sample_source", 0, 0, 10);
  options.sampling.target = number("sample_target", 0, 0, 10);
  options.sampling.share = number("sample_share", options.sampling.share, 0, 1);
  options.noise.drop = number("noise_drop", 0, 0, below_one);
  options.noise.mask = number("noise_mask", 0, 0, below_one);
  options.noise.swap = number("noise_swap", 0, 0, below_one);
  options.noise.target_mask = number("noise_target_mask", 0, 0, below_one);
  const std::string precision = fields.text("precision", "fp32");
  if (precision != "fp32" && precision != "bf16") {
    throw FormatError(name, ": precision is \"", precision, "\", expected \"fp32\" or \"bf16\"");
  }
  if (precision == "bf16") options.precision = autograd::Precision::bf16;
  return options;
}

}  // namespace regard::training
