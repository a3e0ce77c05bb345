// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "io/safetensors.h"
#include "models/transformer.h"
#include "text/marian_tokenizer.h"

namespace regard::training {

/// Which parts of another model a model begins with.
struct TransferParts {
  bool encoder = true;
  bool decoder = true;
  bool embeddings = true;  ///< and the bias of the logits
};

/// What became of it.
struct Transfer {
  Index tensors = 0;               ///< taken over, tables of embeddings among them
  Index tokens = 0;                ///< of the model's vocabulary, that the other has as well
  std::vector<std::string> fresh;  ///< of the chosen parts, what the other does not have
};

/// Gives a model the weights of another, before it is trained: tensors by their names, rows of
/// embeddings by their tokens, for two vocabularies seldom number them alike. All the rest stays as
/// it is.
///
/// tokenizer        the model's own
/// file             the other model's weights, by Marian's names
/// other_tokenizer  the other model's
/// throws           ValueError if nothing of the file fits
/// cost             one pass over both vocabularies and the weights
Transfer transfer(const models::Transformer& model, const text::MarianTokenizer& tokenizer,
                  const io::Safetensors& file, const text::MarianTokenizer& other_tokenizer,
                  const TransferParts& parts);

}  // namespace regard::training
