// SPDX-License-Identifier: MIT
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <vector>

#include "io/file.h"

namespace regard::cli {

/// A folder with all that a training needs, invented: 48 short pairs, golden vocabularies and a
/// model of width 16. It is gone afterwards.
class TinyTraining {
 public:
  TinyTraining() {
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
    for (const auto& [from, to] : {std::pair("english_unigram.spm", "source.spm"),
                                   std::pair("chinese_unigram.spm", "target.spm"),
                                   std::pair("marian/vocab.json", "vocab.json")}) {
      std::filesystem::copy_file(std::string(REGARD_GOLDEN_DIR "/text/") + from, path(to));
    }
    write("tokenizer_config.json", "{}");
    write_config(16);
    write("generation_config.json", R"({"num_beams": 1, "max_length": 12, "eos_token_id": 0,
      "pad_token_id": 4776, "decoder_start_token_id": 4776, "bad_words_ids": [[4776]]})");

    std::string sides[2][2];  // dev or train, en or zh
    int number = 0;
    for (const auto& [who, subject] :
         {std::pair("Tom", "汤姆"), {"I", "我"}, {"We", "我们"}, {"You", "你"}}) {
      for (const auto& [does, verb] :
           {std::pair("saw", "看见"), {"like", "喜欢"}, {"want", "想要"}}) {
        for (const auto& [what, object] :
             {std::pair("the dog", "狗"), {"a book", "书"}, {"water", "水"}, {"money", "钱"}}) {
          const bool train = number++ % 6 != 0;
          sides[train][0] += std::string(who) + " " + does + " " + what + ".\n";
          sides[train][1] += std::string(subject) + verb + object + "。\n";
        }
      }
    }
    write("dev.en", sides[0][0]);
    write("dev.zh", sides[0][1]);
    write("train.en", sides[1][0]);
    write("train.zh", sides[1][1]);
  }
  ~TinyTraining() { std::filesystem::remove_all(folder_); }

  const std::string& path() const { return folder_; }
  std::string path(const std::string& name) const { return folder_ + "/" + name; }
  void write(const std::string& name, const std::string& text) const {
    io::write_file(path(name), io::bytes_of(text));
  }
  std::string read(const std::string& name) const {
    const io::Bytes bytes = io::read_file(path(name));
    return std::string(bytes.begin(), bytes.end());
  }
  bool has(const std::string& name) const { return std::filesystem::exists(path(name)); }

  void write_config(int width) const {
    write("config.json", R"({"model_type": "marian", "vocab_size": 4777, "d_model": )" +
                             std::to_string(width) + R"(,
      "encoder_layers": 1, "decoder_layers": 1, "encoder_attention_heads": 2,
      "decoder_attention_heads": 2, "encoder_ffn_dim": 32, "decoder_ffn_dim": 32,
      "max_position_embeddings": 32, "activation_function": "relu", "scale_embedding": true,
      "share_encoder_decoder_embeddings": true, "tie_word_embeddings": true,
      "pad_token_id": 4776, "decoder_start_token_id": 4776, "eos_token_id": 0})");
  }

 private:
  std::string folder_ = testing::TempDir() + "regard_tiny_training_" + std::to_string(::getpid());
};

}  // namespace regard::cli
