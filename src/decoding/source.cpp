// SPDX-License-Identifier: MIT
#include "decoding/source.h"

#include <algorithm>

namespace regard::decoding {

Ids Source::ids() const {
  Ids ids;
  for (const text::TextPiece& piece : sentence.pieces) ids.push_back(piece.id);
  return ids;
}

Source read_source(const models::MarianModel& model, const std::string& text) {
  Source source{model.tokenizer.encode_source(text), 0};
  source.dropped = std::max<Index>(source.size() - model.transformer.config().max_positions, 0);
  if (source.dropped == 0) return source;

  // pieces before `</s>` go, and then the words of which nothing is left
  auto& [whole, pieces, piece_words, words] = source.sentence;
  pieces.erase(pieces.end() - 1 - source.dropped, pieces.end() - 1);
  piece_words.erase(piece_words.end() - 1 - source.dropped, piece_words.end() - 1);
  const Index last = *std::max_element(piece_words.begin(), piece_words.end());
  words.resize(static_cast<size_t>(last + 1));
  return source;
}

Tensor unpadded(const std::vector<Tensor>& layers, Index sentence, Index rows, Index columns) {
  const Index heads = layers[0].size(1), R = layers[0].size(2), C = layers[0].size(3);
  Tensor result = Tensor::empty({static_cast<Index>(layers.size()), heads, rows, columns});
  float* out = result.data();
  for (const Tensor& layer : layers) {
    for (Index head = 0; head < heads; ++head) {
      const float* matrix = layer.data() + (sentence * heads + head) * R * C;
      for (Index row = 0; row < rows; ++row) {
        out = std::copy(matrix + row * C, matrix + row * C + columns, out);
      }
    }
  }
  return result;
}

Tensor unpadded(const Tensor& attention, Index columns) {
  const Index S = attention.size(-1), rows = attention.count() / S;
  Tensor result = Tensor::empty({attention.size(0), attention.size(1), attention.size(2), columns});
  for (Index row = 0; row < rows; ++row) {
    std::copy_n(attention.data() + row * S, columns, result.data() + row * columns);
  }
  return result;
}

}  // namespace regard::decoding
