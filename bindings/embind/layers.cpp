// SPDX-License-Identifier: MIT
// Every layer of src/layers/registry.h: made, loaded, run and let go by number.
#include <algorithm>
#include <memory>
#include <optional>

#include "interventions.h"
#include "layers/registry.h"
#include "operation.h"
#include "variables.h"

namespace regard::bindings {
namespace {

struct HeldLayer {
  std::unique_ptr<layers::Layer> layer;
  std::string kind;
  layers::Parameters parameters;
  uint64_t packed_at = 0;  // what parameter_changes() was when the weights were packed

  // Packs the weights for products, if they have changed since.
  void prepack() {
    if (packed_at == parameter_changes()) return;
    layer->prepack();
    packed_at = parameter_changes();
  }
};

Held<std::unique_ptr<HeldLayer>>& held_layers() {
  static Held<std::unique_ptr<HeldLayer>> layers;
  return layers;
}

int number_of(const Call& call) { return static_cast<int>(call.options.whole("layer")); }

HeldLayer& layer_of(const Call& call) { return *held_layers().at(number_of(call)); }

Held<std::unique_ptr<layers::KeyValueCache>>& held_caches() {
  static Held<std::unique_ptr<layers::KeyValueCache>> caches;
  return caches;
}

layers::KeyValueCache& cache_of(const Call& call) {
  return *held_caches().at(static_cast<int>(call.options.whole("cache")));
}

io::Json object_of(const Options& options, std::string_view name) {
  const io::Json* value = options.find(name);
  return value ? *value : io::Json(io::Json::Object{});
}

// Gives the parameters; answers with the layer's number and their names.
void make(Call& call, int) {
  auto held = std::make_unique<HeldLayer>();
  held->kind = call.options.text("kind");
  layers::Initializer initializer(call.options.seed("seed"), layers::InitialWeights::torch);
  held->layer = layers::make_layer(held->kind, object_of(call.options, "options"), initializer);
  held->layer->collect("", held->parameters);

  io::Json::Array names;
  for (const auto& [name, parameter] : held->parameters) {
    names.emplace_back(name);
    call.give(parameter);
  }
  const int number = held_layers().keep(std::move(held));
  call.answer =
      io::Json(io::Json::Object{{"layer", number}, {"names", std::move(names)}}).to_string();
}

// What looks into the call: edits have their values among the inputs, from
// `place` on.
layers::Probe probe_of(const Call& call, size_t place) {
  layers::Probe probe;
  if (call.options.has("trace")) probe.trace(stages_of(call.options, "trace"));
  const io::Json* edits = call.options.find("edits");
  if (!edits) return probe;
  for (const io::Json& item : edits->items("edits")) {
    const Options one("layer: edit", item);
    one.expect_only("attention stage batch head row");
    attention::Edit edit = edit_of(one);
    edit.values = call.optional_value(place++);
    probe.change(one.has("attention") ? one.text("attention") : "", std::move(edit));
  }
  return probe;
}

// A call of a layer, its options read.
struct Forward {
  int layer;
  uint64_t seed;
  bool training;
  bool probes;
  layers::LayerCall call;
};

Forward read_forward(const Call& call) {
  const Options& options = call.options;
  return {.layer = number_of(call),
          .seed = options.seed("seed"),
          .training = options.flag("training"),
          .probes = options.has("trace") || options.has("edits"),
          .call = layer_of(call).layer->read(options.texts("inputs"), object_of(options, "call"))};
}

// The inputs come in the order of `inputs`, their names; gives the outputs, answers with theirs,
// the steps of a trace behind: `trace.weights`.
void forward(Call& call, int) {
  Forward& asked = call.once([&] { return read_forward(call); });
  HeldLayer& held = *held_layers().at(asked.layer);
  const layers::Layer& layer = *held.layer;
  // Another layer may have the number of one that is gone.
  if (asked.call.kind != &layer.kind()) asked = read_forward(call);

  const size_t count = asked.call.inputs.size();
  for (size_t i = 0; i < count; ++i) call.input(i);
  std::optional<layers::Probe> probe;
  if (asked.probes) probe = probe_of(call, count);
  layers::Pass pass{.tape = call.tape,
                    .seed = asked.seed,
                    .training = asked.training,
                    .probe = probe ? &*probe : nullptr};
  if (!call.tape.recording()) held.prepack();
  const auto give = [&](const char* prefix, const std::string& name, auto value) {
    call.answer.append(call.answer.empty() ? "[\"" : "\",\"").append(prefix).append(name);
    call.give(std::move(value));
  };
  const std::span<const Variable> inputs(call.inputs.data(), count);
  for (auto& [name, output] : layer.forward(pass, asked.call, inputs)) give("", name, output);
  if (probe) {
    probe->expect_all_changed();
    for (const auto& [name, step] : probe->steps()) give("trace.", name, step);
  }
  call.answer.append(call.answer.empty() ? "[]" : "\"]");
}

// Copies the inputs, named by `names`, into the parameters: all of them, or nothing is changed.
void load(Call& call, int) {
  const HeldLayer& held = layer_of(call);
  const std::vector<std::string> names = call.options.texts("names");
  const auto fail = [&](const auto&... phrases) { throw ValueError(held.kind, ": ", phrases...); };
  std::vector<std::pair<Tensor, Tensor>> copies;
  for (const auto& [name, parameter] : held.parameters) {
    const auto found = std::find(names.begin(), names.end(), name);
    if (found == names.end()) fail("the checkpoint lacks ", name);
    const Tensor source = call.value(static_cast<size_t>(found - names.begin()));
    expect_shape(held.kind.c_str(), name.c_str(), source.shape(), parameter->value.shape());
    copies.emplace_back(parameter->value, source);
  }
  for (const std::string& name : names) {
    const auto is_named = [&](const auto& entry) { return entry.first == name; };
    if (std::none_of(held.parameters.begin(), held.parameters.end(), is_named)) {
      fail("the checkpoint has ", name, ", which is no parameter");
    }
  }
  ++parameter_changes();
  for (auto& [target, source] : copies) {
    std::copy(source.data(), source.data() + source.count(), target.data());
  }
}

void release(Call& call, int) { held_layers().release(number_of(call)); }

// Answers with the cache's number.
void make_cache(Call& call, int) {
  const Options& options = call.options;
  auto cache =
      layer_of(call).layer->cache(options.whole("batch", 1), options.whole("capacity", 64));
  call.answer = std::to_string(held_caches().keep(std::move(cache)));
}

void step(Call& call, int) {
  HeldLayer& held = layer_of(call);
  if (call.tape.recording() && call.input(0)->needs_gradient) {
    throw ValueError(held.kind, ": a step with a cache has no gradient, which x needs: noGrad()");
  }
  held.prepack();
  Tape forgetting(Tape::Mode::forget);
  layers::Pass pass{.tape = forgetting};
  call.give(held.layer->step(pass, call.input(0), cache_of(call)));
}

// Answers with the new length.
void append(Call& call, int) {
  layers::KeyValueCache& cache = cache_of(call);
  cache.append(call.value(0), call.value(1));
  call.answer = std::to_string(cache.length());
}

void truncate(Call& call, int) { cache_of(call).truncate(call.options.whole("length")); }
void reorder(Call& call, int) { cache_of(call).reorder(call.options.wholes("parents")); }

// A copy of the keys, or of the values.
void read(Call& call, int) {
  const layers::KeyValueCache& cache = cache_of(call);
  const Tensor& all = call.options.flag("values") ? cache.values() : cache.keys();
  const Index B = cache.batch(), length = cache.length(), M = cache.width();
  Tensor copy = Tensor::empty({B, length, M});
  for (Index b = 0; b < B; ++b) {
    std::copy_n(all.data() + b * cache.capacity() * M, length * M, copy.data() + b * length * M);
  }
  call.give(std::move(copy));
}

void release_cache(Call& call, int) {
  held_caches().release(static_cast<int>(call.options.whole("cache")));
}

// What kinds there are, in words.
void kinds(Call& call, int) {
  io::Json::Array all;
  for (const layers::LayerKind& kind : layers::layer_kinds()) {
    const auto text = [](std::string_view words) { return io::Json(std::string(words)); };
    all.emplace_back(io::Json::Object{{"name", text(kind.name)},
                                      {"options", text(kind.options)},
                                      {"inputs", text(kind.inputs)},
                                      {"call", text(kind.call)},
                                      {"outputs", text(kind.outputs)}});
  }
  call.answer = io::Json(std::move(all)).to_string();
}

constexpr Operation table[] = {
    {"layer", "kind options seed", make},
    {"layer.forward", "layer inputs call training seed trace edits", forward},
    {"layer.load", "layer names", load},
    {"layer.release", "layer", release},
    {"cache", "layer batch capacity", make_cache},
    {"layer.step", "layer cache", step},
    {"cache.append", "cache", append},
    {"cache.length", "cache length", truncate},
    {"cache.reorder", "cache parents", reorder},
    {"cache.read", "cache values", read},
    {"cache.release", "cache", release_cache},
    {"layer.kinds", "", kinds},
};

}  // namespace

Operations layer_operations() noexcept { return table; }

}  // namespace regard::bindings
