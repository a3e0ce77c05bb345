// SPDX-License-Identifier: MIT
#include "cli/faults.h"

#include <algorithm>

#include "tensor/error.h"
#include "tensor/order.h"

namespace regard::cli {

namespace {

constexpr Index shown_places = 5;
constexpr size_t shown_kinds = 12;

}  // namespace

void Faults::add(const std::string& kind, const std::string& place) {
  ++count_;
  auto found = std::find_if(kinds_.begin(), kinds_.end(),
                            [&](const Kind& other) { return other.name == kind; });
  if (found == kinds_.end()) found = kinds_.insert(kinds_.end(), {kind, 0, ""});
  ++found->count;
  if (found->count <= shown_places) {
    found->places += (found->count > 1 ? ", " : "") + place;
  } else if (found->count == shown_places + 1) {
    found->places += ", …";
  }
}

std::string Faults::summary() const {
  std::string text;
  Index rest = count_;
  size_t shown = 0;
  for (const size_t place : ordered(
           kinds_.size(), [&](size_t a, size_t b) { return kinds_[a].count > kinds_[b].count; })) {
    if (shown == shown_kinds) break;
    const Kind& kind = kinds_[place];
    if (shown++ > 0) text += "\n";
    text += std::to_string(kind.count) + " " + kind.name + ": " + kind.places;
    rest -= kind.count;
  }
  if (rest > 0) text += message({"\nand ", rest, " of ", kinds_.size() - shown, " other kinds"});
  return text;
}

}  // namespace regard::cli
