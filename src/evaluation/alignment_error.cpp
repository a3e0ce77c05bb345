// SPDX-License-Identifier: MIT
#include "evaluation/alignment_error.h"

#include <set>

namespace regard::evaluation {

namespace {

double share(int64_t part, int64_t whole) noexcept {
  return whole == 0 ? 1 : static_cast<double>(part) / static_cast<double>(whole);
}

}  // namespace

AlignmentError& AlignmentError::operator+=(const AlignmentError& other) noexcept {
  found += other.found;
  sure += other.sure;
  found_sure += other.found_sure;
  found_permitted += other.found_permitted;
  return *this;
}

double AlignmentError::rate() const noexcept {
  return 1 - share(found_sure + found_permitted, found + sure);
}
double AlignmentError::precision() const noexcept { return share(found_permitted, found); }
double AlignmentError::recall() const noexcept { return share(found_sure, sure); }

AlignmentError compare(const Links& found, const GoldLinks& gold) {
  const std::set<Link> sure(gold.sure.begin(), gold.sure.end());
  std::set<Link> permitted = sure;
  permitted.insert(gold.possible.begin(), gold.possible.end());

  AlignmentError error;
  for (const Link& link : std::set<Link>(found.begin(), found.end())) {
    ++error.found;
    error.found_sure += sure.contains(link);
    error.found_permitted += permitted.contains(link);
  }
  error.sure = static_cast<int64_t>(sure.size());
  return error;
}

}  // namespace regard::evaluation
