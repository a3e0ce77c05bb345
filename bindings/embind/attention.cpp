// SPDX-License-Identifier: MIT
// Attention as a pure function, its options read from JavaScript's.
#include "autograd/attention.h"

#include "attention/operands.h"
#include "attention/read_options.h"
#include "operation.h"

namespace regard::bindings {
namespace {

using namespace attention;

// The tensors of a call, in order; those of the edits follow.
enum Place {
  queries,
  keys,
  values,
  bias,
  past_key,
  past_value,
  score_query,
  score_key,
  score_vector,
  position_weight,
  position_vector,
  mask,
  key_mask,
  edits
};

void read_edits(const Call& call, AttentionOptions& core) {
  const io::Json* list = call.options.find("edits");
  if (!list) return;
  if (!list->is_array()) call.options.refuse("edits", *list, "a list");
  for (const io::Json& item : list->items("edits")) {
    if (!item.is_object())
      call.options.refuse("edits", item, "{ stage, batch, head, row, values }");
    const Options edit("attention: edit", item);
    edit.expect_only("stage batch head row");
    core.edits.push_back({.stage = static_cast<Stage>(
                              edit.choice("stage", {"queries", "keys", "values", "raw", "capped",
                                                    "masked", "weights", "context"})),
                          .batch = edit.whole("batch", Edit::all),
                          .head = edit.whole("head", Edit::all),
                          .row = edit.whole("row", Edit::all),
                          .values = call.optional_value(Place::edits + core.edits.size())});
  }
}

// Lengths of each query come as one list, with how many batch entries it was made of.
void expect_batches(const Call& call, const AttentionOptions& core) {
  if (!call.options.has("keyLengthBatches")) return;
  const Index given = call.options.whole("keyLengthBatches");
  const Index B = operands(call.value(queries), call.value(keys), call.value(values), core).sizes.B;
  if (given == B) return;
  throw ValueError("attention: key lengths are of ", given, " batch entries, expected ", B);
}

AttentionOptions options_of(Call& call) {
  AttentionOptions core = call.once([&] { return read_options(call.options); });
  core.mask = call.optional_value(mask);
  core.key_mask = call.optional_value(key_mask);
  read_edits(call, core);
  expect_batches(call, core);
  return core;
}

void attend(Call& call, int) {
  const auto given = [&](Place place) { return call.optional_input(place); };
  const autograd::AttentionVariables result =
      autograd::attention(call.tape,
                          {.queries = call.input(queries),
                           .keys = call.input(keys),
                           .values = call.input(values),
                           .bias = given(bias),
                           .past_key = given(past_key),
                           .past_value = given(past_value),
                           .score_query = given(score_query),
                           .score_key = given(score_key),
                           .score_vector = given(score_vector),
                           .position_weight = given(position_weight),
                           .position_vector = given(position_vector)},
                          options_of(call));
  for (const Variable& output : {result.output, result.raw, result.capped, result.masked,
                                 result.weights, result.present_key, result.present_value}) {
    call.give(output);
  }
}

constexpr Operation table[] = {
    {"attention",
     "convention layout heads kvHeads score scale softcap keyLengths keyLengthBatches "
     "queryLengths causal origin window maskValue emptyRow alignment alignmentOptions dropout seed "
     "return form edits",
     attend}};

}  // namespace

Operations attention_operations() noexcept { return table; }

}  // namespace regard::bindings
