// SPDX-License-Identifier: MIT
#include "training/checkpoint.h"

#include <charconv>

#include "models/weights.h"

namespace regard::training {

namespace {

// The weights, moments and averages, by the names that they have in the file. The tensors share
// their storage with the training itself.
std::vector<std::pair<std::string, Tensor>> state_of(const models::Transformer& model,
                                                     Trainer& trainer) {
  std::vector<std::pair<std::string, Tensor>> state;
  for (const auto& [name, parameter] : model.parameters())
    state.emplace_back(name, parameter->value);
  for (auto& entry : trainer.adam().state()) state.push_back(std::move(entry));
  for (auto& entry : trainer.average().state()) state.push_back(std::move(entry));
  return state;
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

}  // namespace

io::Bytes write_checkpoint(const models::Transformer& model, Trainer& trainer) {
  return io::write_safetensors(state_of(model, trainer), io::Dtype::F32,
                               {{"steps", std::to_string(trainer.steps())},
                                {"updates", std::to_string(trainer.adam().steps())}});
}

void read_checkpoint(io::ByteSpan bytes, const std::string& name, const models::Transformer& model,
                     Trainer& trainer) {
  const auto file = io::Safetensors::read(bytes, name);
  const Index steps = count_in(file.metadata(), "steps", name);
  const Index updates = count_in(file.metadata(), "updates", name);
  layers::Parameters state;
  for (auto& [entry, tensor] : state_of(model, trainer)) {
    state.emplace_back(entry, autograd::constant(tensor));
  }
  models::read_parameters(state, file, name);
  trainer.resume(steps, updates);
}

}  // namespace regard::training
