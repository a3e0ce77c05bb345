// SPDX-License-Identifier: MIT
#include "models/transformer_config.h"

#include "tensor/error.h"

namespace regard::models {

namespace {

// Larger than any published model, and small enough that sizes multiply without overflow.
constexpr int64_t most = 1 << 20;

Index positive(const io::Fields& fields, const std::string& name, const char* key,
               std::optional<int64_t> fallback = {}) {
  const int64_t value = fields.whole(key, fallback);
  if (value < 1 || value > most) {
    throw FormatError(name, ": ", key, " is ", value, ", expected 1 to ", most);
  }
  return static_cast<Index>(value);
}

kernels::Activation activation_of(const std::string& word, const std::string& name) {
  using kernels::Activation;
  if (word == "relu") return Activation::relu;
  if (word == "gelu") return Activation::gelu;
  if (word == "gelu_new") return Activation::gelu_tanh;
  if (word == "swish" || word == "silu") return Activation::silu;
  throw FormatError(name, ": activation_function is \"", word,
                    "\", expected relu, gelu, gelu_new, swish or silu");
}

// The one of two words that a field holds, as a flag for the second.
bool second_of(const io::Fields& fields, const std::string& name, const char* key,
               const std::string& first, const std::string& second) {
  const std::string word = fields.text(key, first);
  if (word != first && word != second) {
    throw FormatError(name, ": ", key, " is \"", word, "\", expected ", first, " or ", second);
  }
  return word == second;
}

}  // namespace

TransformerConfig read_transformer_config(const io::Json& json, const std::string& name) {
  const io::Fields fields(json, name);
  const std::string type = fields.text("model_type");
  if (type != "marian" && type != "regard-transformer") {
    throw FormatError(name, ": model_type is \"", type,
                      "\", expected marian or regard-transformer");
  }

  TransformerConfig config;
  config.marian = type == "marian";
  config.V = positive(fields, name, "vocab_size");
  config.M = positive(fields, name, "d_model");
  config.encoder_layers = positive(fields, name, "encoder_layers");
  config.decoder_layers = positive(fields, name, "decoder_layers");
  config.encoder_heads = positive(fields, name, "encoder_attention_heads");
  config.decoder_heads = positive(fields, name, "decoder_attention_heads");
  config.encoder_F = positive(fields, name, "encoder_ffn_dim");
  config.decoder_F = positive(fields, name, "decoder_ffn_dim");
  config.max_positions = positive(fields, name, "max_position_embeddings", 1024);
  config.activation = activation_of(fields.text("activation_function", "gelu"), name);
  config.scale_embedding = fields.boolean("scale_embedding", false);
  config.share_embeddings = fields.boolean("share_encoder_decoder_embeddings", true);
  config.target_V =
      config.share_embeddings ? config.V : positive(fields, name, "decoder_vocab_size", config.V);
  config.dropout = static_cast<float>(fields.number("dropout", 0.1));
  config.init_std = fields.number("init_std", 0.02);
  if (!(config.init_std > 0 && config.init_std <= 1)) {
    throw FormatError(name, ": init_std is ", config.init_std, ", expected above 0 to 1");
  }
  for (const Index heads : {config.encoder_heads, config.decoder_heads}) {
    if (config.M % heads != 0) {
      throw FormatError(name, ": ", heads, " attention heads do not divide a d_model of ",
                        config.M);
    }
  }
  if (!(config.dropout >= 0 && config.dropout < 1)) {
    throw FormatError(name, ": dropout is ", config.dropout, ", expected 0 to below 1");
  }

  const auto id = [&](const char* key, Index V, int64_t fallback) {
    const int64_t value = fields.whole(key, fallback);
    if (value < 0 || value >= V) {
      throw FormatError(name, ": ", key, " is ", value, ", expected an id below ", V);
    }
    return static_cast<Id>(value);
  };
  config.pad = id("pad_token_id", std::min(config.V, config.target_V), config.target_V - 1);
  config.decoder_start = id("decoder_start_token_id", config.target_V, config.pad);

  if (!config.marian) {
    if (second_of(fields, name, "norm_order", "post", "pre")) config.norm = layers::NormOrder::pre;
    if (second_of(fields, name, "sinusoid_order", "halves", "interleaved")) {
      config.positions = layers::SinusoidOrder::interleaved;
    }
  }
  return config;
}

}  // namespace regard::models
