// SPDX-License-Identifier: MIT
#include "decoding/history.h"

#include <algorithm>

namespace regard::decoding {
namespace {

// One row of every layer's (rows, H, keys) as a tensor of its own, (layers, H, keys).
Tensor copy_row(const std::vector<Tensor>& layers, Index row) {
  if (layers.empty()) return {};
  const Index heads = layers[0].size(1), keys = layers[0].size(2), count = heads * keys;
  Tensor copy = Tensor::empty({static_cast<Index>(layers.size()), heads, keys});
  float* out = copy.data();
  for (const Tensor& layer : layers) {
    const float* values = layer.data() + row * count;
    out = std::copy(values, values + count, out);
  }
  return copy;
}

}  // namespace

Index History::add(Id token, float log_probability, Index beam, Index parent) {
  Index length = 1;
  if (parent != none) {
    length = at(parent).length + 1;
    ++at(parent).uses;
  }
  Token added{token, log_probability, beam, parent, 1, length, {}, {}};

  if (free_.empty()) {
    tokens_.push_back(std::move(added));
    return static_cast<Index>(tokens_.size()) - 1;
  }
  const Index place = free_.back();
  free_.pop_back();
  at(place) = std::move(added);
  return place;
}

void History::release(Index token) {
  while (token != none && --at(token).uses == 0) {
    const Index parent = at(token).parent;
    at(token).cross = {};
    at(token).decoder = {};
    free_.push_back(token);
    token = parent;
  }
}

void History::record(const std::vector<Index>& tokens, const models::StepAttention& attention) {
  for (size_t row = 0; row < tokens.size(); ++row) {
    at(tokens[row]).cross = copy_row(attention.cross, static_cast<Index>(row));
    at(tokens[row]).decoder = copy_row(attention.decoder_self, static_cast<Index>(row));
  }
}

Ids History::ids(Index last) const {
  Ids ids(static_cast<size_t>(at(last).length - 1));
  for (auto id = ids.rbegin(); id != ids.rend(); ++id, last = parent(last)) *id = at(last).id;
  return ids;
}

Hypothesis History::hypothesis(Index last, float score) const {
  Hypothesis found{ids(last), score, {}, {}};
  for (; parent(last) != none; last = parent(last)) {
    found.log_probabilities.push_back(at(last).log_probability);
    found.beams.push_back(at(last).beam);
  }
  std::reverse(found.log_probabilities.begin(), found.log_probabilities.end());
  std::reverse(found.beams.begin(), found.beams.end());
  return found;
}

HypothesisAttention History::attention(Index last) const {
  const Index steps = at(last).length - 1;
  const Token& fed = at(parent(last));
  const Index layers = fed.cross.size(0), heads = fed.cross.size(1), sources = fed.cross.size(2);
  HypothesisAttention gathered{Tensor::empty({layers, heads, steps, sources}),
                               Tensor::zeros({layers, heads, steps, steps})};

  // the step that predicts piece i was fed the token before it
  Index token = parent(last);
  for (Index i = steps - 1; i >= 0; --i, token = parent(token)) {
    const Index keys = at(token).decoder.size(2);
    const float* cross = at(token).cross.data();
    const float* decoder = at(token).decoder.data();
    for (Index matrix = 0; matrix < layers * heads; ++matrix) {
      const Index row = matrix * steps + i;
      std::copy(cross, cross + sources, gathered.cross.data() + row * sources);
      std::copy(decoder, decoder + keys, gathered.decoder.data() + row * steps);
      cross += sources;
      decoder += keys;
    }
  }
  return gathered;
}

}  // namespace regard::decoding
