// SPDX-License-Identifier: MIT
#include "interventions.h"

#include "variables.h"

namespace regard::bindings {

attention::Edit edit_of(const Options& options) {
  const size_t stage = options.choice(
      "stage", {"queries", "keys", "values", "raw", "capped", "masked", "weights", "context"},
      static_cast<size_t>(attention::Stage::context));
  return {.stage = static_cast<attention::Stage>(stage),
          .batch = options.whole("batch", attention::Edit::all),
          .head = options.whole("head", attention::Edit::all),
          .row = options.whole("row", attention::Edit::all)};
}

unsigned stages_of(const Options& options, std::string_view name) {
  if (!options.has(name)) return layers::Probe::all_stages;
  unsigned stages = 0;
  for (const std::string& stage : options.texts(name)) {
    unsigned place = 0;
    while (place <= layers::Probe::last && stage != layers::Probe::stage_names[place]) ++place;
    if (place > layers::Probe::last) {
      throw ValueError(options.operation(), ": there is no stage '", stage, "'");
    }
    stages |= 1u << place;
  }
  return stages;
}

models::Interventions interventions_of(const Options& options) {
  models::Interventions found;
  const io::Json* list = options.find("interventions");
  if (!list) return found;
  for (const io::Json& item : list->items("interventions")) {
    const Options one(message({options.operation(), ": interventions[", found.size(), "]"}), item);
    one.expect_only("where layer stage head row values");
    attention::Edit edit = edit_of(one);
    edit.values = held_variables().at(static_cast<int>(one.whole("values")))->value;
    found.push_back(
        {.where = static_cast<models::Where>(one.choice("where", {"encoder", "decoder", "cross"})),
         .layer = one.whole("layer"),
         .edit = std::move(edit)});
  }
  return found;
}

}  // namespace regard::bindings
