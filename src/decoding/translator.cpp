// SPDX-License-Identifier: MIT
#include "decoding/translator.h"

#include <utility>

namespace regard::decoding {

SelfAttention Translator::self_attention(const std::string& text) const {
  Source source = read_source(*model_, text);
  const models::Encoded encoded = model_->transformer.encode({source.ids()}, true);
  return {std::move(source.sentence),
          unpadded(encoded.attention, 0, encoded.lengths[0], encoded.lengths[0])};
}

}  // namespace regard::decoding
