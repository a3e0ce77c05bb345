// SPDX-License-Identifier: MIT
#pragma once

#include "decoding/random_model.h"
#include "decoding/translator.h"

namespace regard::evaluation {

/// A model of random numbers whose heads look in different directions.
inline const decoding::Translator& translator() {
  static const decoding::Translator shared(decoding::random_model(0.5));
  return shared;
}

}  // namespace regard::evaluation
