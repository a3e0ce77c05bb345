// SPDX-License-Identifier: MIT
#include "interventions.h"

#include "variables.h"

namespace regard::bindings {
models::Interventions interventions_of(const Options& options) {
  models::Interventions found;
  const io::Json* list = options.find("interventions");
  if (!list) return found;
  for (const io::Json& item : list->items("interventions")) {
    const Options one(message({options.operation(), ": interventions[", found.size(), "]"}), item);
    one.expect_only("where layer stage head row values");
    const size_t stage = one.choice(
        "stage", {"queries", "keys", "values", "raw", "capped", "masked", "weights", "context"},
        static_cast<size_t>(attention::Stage::context));
    found.push_back(
        {.where = static_cast<models::Where>(one.choice("where", {"encoder", "decoder", "cross"})),
         .layer = one.whole("layer"),
         .edit = {.stage = static_cast<attention::Stage>(stage),
                  .head = one.whole("head", attention::Edit::all),
                  .row = one.whole("row", attention::Edit::all),
                  .values = held_variables().at(static_cast<int>(one.whole("values")))->value}});
  }
  return found;
}

}  // namespace regard::bindings
