// SPDX-License-Identifier: MIT
#include "training/trainer_options.h"

#include <cmath>

namespace regard::training {

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
  if (fields.has("cooldown")) {
    options.schedule.steps = static_cast<Index>(whole("steps", 1));
    options.schedule.cooldown = static_cast<Index>(whole("cooldown", 1));
  }
  options.adam.beta1 = number("beta1", options.adam.beta1, 0, below_one);
  options.adam.beta2 = number("beta2", options.adam.beta2, 0, below_one);
  options.adam.epsilon = number("epsilon", options.adam.epsilon, 0, 1);
  options.adam.weight_decay = number("weight_decay", options.adam.weight_decay, 0, 1);
  options.adam.clip_norm = number("clip_norm", options.adam.clip_norm, 0, 1e9);
  options.average_decay = number("average_decay", options.average_decay, 0, below_one);
  return options;
}

}  // namespace regard::training
