// SPDX-License-Identifier: MIT
#include "training/checkpoint.h"

#include <charconv>

#include "models/weights.h"

namespace regard::training {

namespace {

// What the metadata must say, so that a file of another kind or version is told from one of ours.
constexpr const char* format = "regard-training-2";

using State = std::vector<std::pair<std::string, Tensor>>;

// The weights, moments and averages, by the names that they have in the file. The tensors share
// their storage with the training itself.
State state_of(const models::Transformer& model, Trainer& trainer) {
  State state;
  for (const auto& [name, parameter] : model.parameters())
    state.emplace_back(name, parameter->value);
  for (auto& entry : trainer.adam().state()) state.push_back(std::move(entry));
  for (auto& entry : trainer.average().state()) state.push_back(std::move(entry));
  return state;
}

void read_state(const State& state, const io::Safetensors& file, const std::string& name) {
  layers::Parameters parameters;
  for (const auto& [entry, tensor] : state) {
    parameters.emplace_back(entry, autograd::constant(tensor));
  }
  models::read_parameters(parameters, file, name);
}

Index count_in(const io::Metadata& metadata, const std::string& key, const std::string& name) {
  const auto entry = metadata.find(key);
  int64_t count = -1;
  if (entry != metadata.end()) {
    const std::string& text = entry->second;
    std::from_chars(text.data(), text.data() + text.size(), count);
  }
  if (count < 0) throw FormatError(name, ": the metadata has no number of ", key);
  return static_cast<Index>(count);
}

const io::Metadata& checked(const io::Metadata& metadata, const std::string& name) {
  const auto found = metadata.find("format");
  if (found != metadata.end() && found->second == format) return metadata;
  throw FormatError(
      name,
      ": is no checkpoint of a training, or one of another version: move it away to begin anew");
}

}  // namespace

io::Bytes write_checkpoint(const models::Transformer& model, Trainer& trainer,
                           const io::Metadata& about) {
  State state = state_of(model, trainer);
  for (auto& entry : trainer.last_checkpoints().state()) state.push_back(std::move(entry));
  io::Metadata metadata = about;
  metadata["format"] = format;
  metadata["steps"] = std::to_string(trainer.steps());
  metadata["updates"] = std::to_string(trainer.adam().steps());
  metadata["averaged"] = std::to_string(trainer.last_checkpoints().taken());
  return io::write_safetensors(state, io::Dtype::F32, metadata);
}

io::Metadata read_about_checkpoint(io::ByteSpan bytes, const std::string& name) {
  return checked(io::Safetensors::read(bytes, name).metadata(), name);
}

void read_checkpoint(io::ByteSpan bytes, const std::string& name, const models::Transformer& model,
                     Trainer& trainer) {
  const auto file = io::Safetensors::read(bytes, name);
  const io::Metadata& metadata = checked(file.metadata(), name);
  const Index steps = count_in(metadata, "steps", name);
  const Index updates = count_in(metadata, "updates", name);
  const Index averaged = count_in(metadata, "averaged", name);
  read_state(state_of(model, trainer), file, name);

  // Whether there is a mean depends on options, which may have changed since.
  const State means = trainer.last_checkpoints().state();
  const bool has_means = !means.empty() && file.has(means.front().first);
  if (has_means) read_state(means, file, name);
  trainer.last_checkpoints().resume(has_means ? averaged : 0, steps);
  trainer.resume(steps, updates);
}

}  // namespace regard::training
