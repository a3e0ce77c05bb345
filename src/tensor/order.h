// SPDX-License-Identifier: MIT
// Sorting by number: one sort for all kinds of things, where std::sort would be compiled for each.
#pragma once

#include <cstddef>
#include <vector>

namespace regard {

/// Whether the thing of the first number comes before that of the second; borrowed for a call.
class Before {
 public:
  template <class Body>
  Before(const Body& body) noexcept
      : body_(&body), call_([](const void* self, size_t a, size_t b) -> bool {
          return (*static_cast<const Body*>(self))(a, b);
        }) {}

  bool operator()(size_t a, size_t b) const { return call_(body_, a, b); }

 private:
  const void* body_;
  bool (*call_)(const void*, size_t, size_t);
};

/// The numbers 0 … count-1 in an order: those of which neither comes before the other keep theirs.
/// Cost: count log count comparisons, a few times over; for long lists of texts take std::sort.
std::vector<size_t> ordered(size_t count, const Before& before);

}  // namespace regard
