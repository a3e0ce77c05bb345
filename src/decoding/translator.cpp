// SPDX-License-Identifier: MIT
#include "decoding/translator.h"

#include <utility>

namespace regard::decoding {

SelfAttention Translator::self_attention(const std::string& text,
                                         const models::Interventions& interventions) const {
  for (size_t i = 0; i < interventions.size(); ++i) {
    if (interventions[i].where == models::Where::encoder) continue;
    throw ValueError("intervention ", i, ": it is not in the encoder, which alone runs here");
  }
  Source source = read_source(*model_, text);
  const models::Encoded encoded = model_->transformer.encode({source.ids()}, true, interventions);
  return {std::move(source.sentence),
          unpadded(encoded.attention, 0, encoded.lengths[0], encoded.lengths[0])};
}

}  // namespace regard::decoding
