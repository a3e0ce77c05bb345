// SPDX-License-Identifier: MIT
// A model of random numbers, from English pieces to Chinese ones: its translations are nonsense,
// but with all the offsets, batches, limits and attention that sense would have.
#pragma once

#include <algorithm>

#include "models/marian.h"
#include "text/golden_text.h"

namespace regard::decoding {

constexpr Index random_positions = 24;

/// deviation  of the projections; with a large one attention is far from uniform.
inline models::MarianModel random_model(double deviation = 0.02) {
  const std::string source = text::read_golden("english_unigram.spm");
  const std::string target = text::read_golden("chinese_unigram.spm");
  const std::string vocabulary = text::read_golden("marian/vocab.json");
  auto tokenizer = text::MarianTokenizer::read({.source_spm = text::as_bytes(source),
                                                .target_spm = text::as_bytes(target),
                                                .vocab = text::as_bytes(vocabulary),
                                                .target_vocab = {}});

  models::TransformerConfig config;
  config.V = config.target_V = tokenizer.target_vocabulary().size() + 3;
  config.M = 16;
  config.encoder_F = config.decoder_F = 24;
  config.encoder_layers = 2;
  config.decoder_layers = 3;
  config.max_positions = random_positions;
  config.pad = config.decoder_start = tokenizer.pad();
  models::Transformer transformer(config, layers::Initializer(1, deviation));
  for (const auto& [name, parameter] : transformer.parameters()) {
    if (name != "final_logits_bias") continue;
    parameter->value.data()[tokenizer.end()] = 3;
    // what is no token would win if it were not forbidden
    std::fill_n(parameter->value.data() + config.target_V - 4, 4, 50.0f);
  }

  transformer.prepack();

  models::GenerationConfig generation;
  generation.beams = 3;
  generation.max_length = random_positions;
  generation.eos = tokenizer.end();
  generation.pad = generation.decoder_start = tokenizer.pad();
  generation.forced_eos = generation.eos;
  generation.bad_words = {{tokenizer.pad()}};
  return {std::move(transformer), generation, std::move(tokenizer)};
}

}  // namespace regard::decoding
