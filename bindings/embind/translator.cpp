// SPDX-License-Identifier: MIT
// A model from its files, and what it says about text without searching.
#include "decoding/translator.h"

#include <emscripten/bind.h>

#include "guard.h"
#include "interventions.h"
#include "variables.h"

namespace regard::bindings {
namespace {

using decoding::SelfAttention;
using decoding::Translator;
using models::Folder;
using text::Sentence;

struct Facts {
  int layers, decoder_layers, heads, beams;
};

Folder make_folder() { return {}; }

/// A place for a file's bytes: the address to which JavaScript writes them.
unsigned add_file(Folder& folder, const std::string& name, unsigned size) {
  io::Bytes& bytes = folder[name];
  bytes.resize(size);
  return static_cast<unsigned>(reinterpret_cast<uintptr_t>(bytes.data()));
}

Translator open_translator(const Folder& folder, bool int8) {
  return Translator(
      models::read_marian(folder, int8 ? layers::Storage::int8 : layers::Storage::fp32));
}

Facts facts(const Translator& translator) {
  const models::MarianModel& model = translator.model();
  const models::TransformerConfig& config = model.transformer.config();
  return {static_cast<int>(config.encoder_layers), static_cast<int>(config.decoder_layers),
          static_cast<int>(config.encoder_heads), static_cast<int>(model.generation.beams)};
}

Sentence encode_source(const Translator& translator, const std::string& text) {
  return translator.model().tokenizer.encode_source(text);
}

Sentence encode_target(const Translator& translator, const std::string& text) {
  return translator.model().tokenizer.encode_target(text);
}

SelfAttention self_attention(const Translator& translator, const std::string& text,
                             const std::string& options) {
  return translator.self_attention(text, interventions_of(Options("selfAttention", options)));
}

Sentence self_source(const SelfAttention& result) { return result.source; }
int self_weights(const SelfAttention& result) { return keep(result.attention); }

}  // namespace

EMSCRIPTEN_BINDINGS(translator) {
  using namespace emscripten;

  class_<Folder>("Folder").function("add", &guarded<&add_file>::call);
  register_optional<Folder>();
  function("folder", &guarded<&make_folder>::call);

  value_object<Facts>("TranslatorFacts")
      .field("layers", &Facts::layers)
      .field("decoderLayers", &Facts::decoder_layers)
      .field("heads", &Facts::heads)
      .field("beams", &Facts::beams);
  class_<SelfAttention>("SelfAttention")
      .function("source", &guarded<&self_source>::call)
      .function("weights", &guarded<&self_weights>::call);
  register_optional<SelfAttention>();
  class_<Translator>("Translator")
      .function("facts", &facts)
      .function("encodeSource", &guarded<&encode_source>::call)
      .function("encodeTarget", &guarded<&encode_target>::call)
      .function("selfAttention", &guarded<&self_attention>::call);
  register_optional<Translator>();
  function("translator", &guarded<&open_translator>::call);
}

}  // namespace regard::bindings
