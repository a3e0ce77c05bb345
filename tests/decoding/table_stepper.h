// SPDX-License-Identifier: MIT
// A decoder without a network: its logits are a hash of the sentence and of the tokens so far, the
// same as in tools/golden_search.py, and its attention spells out which hypothesis it belongs to.
#pragma once

#include <algorithm>
#include <functional>
#include <utility>
#include <vector>

#include "models/stepper.h"
#include "tensor/random.h"

namespace regard::decoding {

/// The logits after some tokens, the start token included, in a sentence.
using Table = std::function<std::vector<float>(Index sentence, const Ids& tokens)>;

/// 13 bits in [0, 8), exact in fp32; token 0 becomes likelier with every token.
inline Table hashed_table(Index vocabulary) {
  return [vocabulary](Index sentence, const Ids& tokens) {
    uint64_t state = mix(static_cast<uint64_t>(sentence));
    for (Id token : tokens) state = mix(state ^ static_cast<uint64_t>(token + 1));
    std::vector<float> row(static_cast<size_t>(vocabulary));
    for (size_t i = 0; i < row.size(); ++i) {
      row[i] = static_cast<float>(mix(state ^ (65536 + i)) >> 48) / 8192;
    }
    row[0] += static_cast<float>(tokens.size()) / 2;
    return row;
  };
}

/// What TableStepper's cross-attention says of a step: a number that no other step has.
inline float cross_mark(Index sentence, const Ids& fed, Index layer, Index head, Index source) {
  uint64_t state = mix(static_cast<uint64_t>(sentence * 1000 + layer * 100 + head * 10 + source));
  for (Id token : fed) state = mix(state ^ static_cast<uint64_t>(token + 1));
  return static_cast<float>(state >> 40);
}

class TableStepper final : public models::Stepper {
 public:
  static constexpr Index layers = 2, heads = 3, source_pieces = 4;

  /// numbers  what the table calls each sentence
  TableStepper(Table table, Index vocabulary, std::vector<Index> numbers, Index longest = 64)
      : table_(std::move(table)),
        vocabulary_(vocabulary),
        numbers_(std::move(numbers)),
        longest_(longest) {}

  Index vocabulary() const override { return vocabulary_; }
  Index sentences() const override { return static_cast<Index>(numbers_.size()); }
  Index max_length() const override { return longest_; }

  Tensor step(const Ids& tokens, const std::vector<Index>& parents) override {
    std::vector<Row> rows;
    for (size_t row = 0; row < tokens.size(); ++row) {
      const auto parent = static_cast<size_t>(parents.at(row));
      rows.push_back(steps_ == 0 ? Row{numbers_.at(parent), {}} : rows_.at(parent));
      rows.back().fed.push_back(tokens[row]);
    }
    rows_ = std::move(rows);
    ++steps_;
    fed_rows_ += static_cast<Index>(rows_.size());

    Tensor logits = Tensor::empty({static_cast<Index>(rows_.size()), vocabulary_});
    float* out = logits.data();
    for (const Row& row : rows_) {
      const std::vector<float> values = table_(row.sentence, row.fed);
      out = std::copy(values.begin(), values.end(), out);
    }
    if (keeps_) write_attention();
    return logits;
  }

  void keep_attention(bool keep) override { keeps_ = keep; }
  const models::StepAttention& attention() const override { return attention_; }

  Index steps() const { return steps_; }
  /// How many rows all steps together had.
  Index fed_rows() const { return fed_rows_; }

 private:
  struct Row {
    Index sentence;
    Ids fed;
  };

  // decoder_self names the tokens attended to: 1000 · layer + 100 · head + the token at that key.
  void write_attention() {
    const auto count = static_cast<Index>(rows_.size());
    attention_ = {};
    for (Index layer = 0; layer < layers; ++layer) {
      Tensor cross = Tensor::empty({count, heads, source_pieces});
      Tensor self = Tensor::empty({count, heads, steps_});
      float* cross_out = cross.data();
      float* self_out = self.data();
      for (const Row& row : rows_) {
        for (Index head = 0; head < heads; ++head) {
          for (Index s = 0; s < source_pieces; ++s) {
            *cross_out++ = cross_mark(row.sentence, row.fed, layer, head, s);
          }
          for (Id token : row.fed) {
            *self_out++ = static_cast<float>(1000 * layer + 100 * head + token);
          }
        }
      }
      attention_.cross.push_back(cross);
      attention_.decoder_self.push_back(self);
    }
  }

  Table table_;
  Index vocabulary_;
  std::vector<Index> numbers_;
  Index longest_;
  Index steps_ = 0;
  Index fed_rows_ = 0;
  bool keeps_ = false;
  std::vector<Row> rows_;
  models::StepAttention attention_;
};

}  // namespace regard::decoding
