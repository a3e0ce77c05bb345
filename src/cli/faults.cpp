// SPDX-License-Identifier: MIT
#include "cli/faults.h"

#include "tensor/error.h"
#include "tensor/order.h"

namespace regard::cli {

namespace {

constexpr Index shown_places = 5;
constexpr size_t shown_kinds = 12;

}  // namespace

void Faults::add(const std::string& kind, const std::string& place) {
  ++count_;
  const auto [known, is_new] = numbers_.try_emplace(kind, kinds_.size());
  if (is_new) kinds_.push_back({kind, 0, ""});
  Kind& found = kinds_[known->second];
  ++found.count;
  if (found.count <= shown_places) {
    found.places += (found.count > 1 ? ", " : "") + place;
  } else if (found.count == shown_places + 1) {
    found.places += ", …";
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
