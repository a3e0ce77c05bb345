// SPDX-License-Identifier: MIT
// What layers are made of: named parameters, and what a forward pass carries along.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "autograd/tape.h"
#include "layers/initializer.h"
#include "tensor/random.h"

namespace regard::layers {

using autograd::Tape;
using autograd::Variable;

/// Parameters by the names that checkpoints give them: `encoder.layers.0.fc1.weight`.
using Parameters = std::vector<std::pair<std::string, Variable>>;

/// `prefix.name`, or the name alone where there is no prefix.
inline std::string under(const std::string& prefix, const std::string& name) {
  return prefix.empty() ? name : prefix + "." + name;
}

/// Whose checkpoints a layer's parameters are named after.
enum class Naming {
  marian,  ///< Marian's in Hugging Face: a projection each for queries, keys and values
  torch,   ///< torch.nn's: one matrix for the three where their inputs are of one width
  d2l,     ///< Dive into Deep Learning's, of attention
};

class Probe;

/// One forward pass: the tape that it runs on, its randomness, and who looks on.
struct Pass {
  Tape& tape;
  float dropout = 0;       ///< probability between the blocks of a model; 0 at inference
  uint64_t seed = 0;       ///< all masks of the pass derive from it
  uint64_t masks = 0;      ///< how many have been drawn
  bool training = false;   ///< whether layers drop what their own `dropout` says
  Probe* probe = nullptr;  ///< what looks into attentions and changes them, see probe.h

  uint64_t next_seed() noexcept { return derive_seed(seed, ++masks); }
};

}  // namespace regard::layers
