// SPDX-License-Identifier: MIT
#include "training/transfer.h"

#include <algorithm>

#include "models/weights.h"

namespace regard::training {

namespace {

using text::MarianTokenizer;
using text::Vocabulary;

bool is_bias(const std::string& name) { return name == "final_logits_bias"; }

bool is_table(const std::string& name) {
  return is_bias(name) || name.ends_with("shared.weight") ||
         name.ends_with("embed_tokens.weight") || name == "lm_head.weight";
}

bool is_chosen(const std::string& name, const TransferParts& parts) {
  if (is_table(name)) return parts.embeddings;
  return name.starts_with("model.encoder.") ? parts.encoder : parts.decoder;
}

// The tokens of a table's rows.
const Vocabulary& tokens_of(const std::string& table, const MarianTokenizer& tokenizer) {
  const bool source = table.ends_with("shared.weight") || table.starts_with("model.encoder.");
  return source ? tokenizer.source_vocabulary() : tokenizer.target_vocabulary();
}

// Copies the rows of tokens that both vocabularies have; how many they are. The bias of the logits
// is a table of width 1.
Index copy_rows(const Tensor& from, const Vocabulary& old_tokens, Tensor& to,
                const Vocabulary& tokens, Index width) {
  const Index old_rows = from.count() / width, rows = to.count() / width;
  Index found = 0;
  for (Id id = 0; id < std::min(tokens.size(), rows); ++id) {
    const Id old = old_tokens.find(tokens[id]);
    if (old < 0 || old >= old_rows) continue;
    std::copy_n(from.data() + old * width, width, to.data() + id * width);
    ++found;
  }
  return found;
}

}  // namespace

Transfer transfer(const models::Transformer& model, const MarianTokenizer& tokenizer,
                  const io::Safetensors& file, const MarianTokenizer& other_tokenizer,
                  const TransferParts& parts) {
  Transfer done;
  for (const auto& [name, parameter] : model.parameters()) {
    if (!is_chosen(name, parts)) continue;
    const auto names = models::names_in_files(name);
    const auto found = std::find_if(names.begin(), names.end(),
                                    [&](const std::string& other) { return file.has(other); });
    Tensor& value = parameter->value;
    const Index width = is_bias(name) || !is_table(name) ? 1 : value.shape()[1];
    const bool fits =
        found != names.end() &&
        (is_bias(name)    ? true
         : is_table(name) ? file.shape(*found).rank() == 2 && file.shape(*found)[1] == width
                          : file.shape(*found) == value.shape());
    if (!fits) {
      done.fresh.push_back(name);
      continue;
    }
    const Tensor other = file.tensor(*found);
    ++done.tensors;
    if (!is_table(name)) {
      std::copy_n(other.data(), other.count(), value.data());
      continue;
    }
    const Index rows = copy_rows(other, tokens_of(*found, other_tokenizer), value,
                                 tokens_of(name, tokenizer), width);
    if (!is_bias(name)) done.tokens = std::max(done.tokens, rows);
  }
  if (done.tensors == 0) throw ValueError("transfer: nothing of the other model fits this one");
  return done;
}

}  // namespace regard::training
