// SPDX-License-Identifier: MIT
// Numbers that sum attention up.
#include "attention/measures.h"

#include "operation.h"

namespace regard::bindings {
namespace {

using Measure = Tensor (*)(const Tensor& weights);
constexpr Measure measures[] = {attention::entropy, attention::mean_entropy, attention::rollout,
                                attention::received};

void measure(Call& call, int kind) { call.give(measures[kind](call.value(0))); }

void kendall_tau(Call& call, int) {
  const double tau = attention::kendall_tau(call.value(0).values(), call.value(1).values());
  call.give(Tensor::full({}, static_cast<float>(tau)));
}

constexpr Operation table[] = {{"entropy", "", measure, 0},
                               {"meanEntropy", "", measure, 1},
                               {"rollout", "", measure, 2},
                               {"received", "", measure, 3},
                               {"kendallTau", "", kendall_tau}};

}  // namespace

Operations measure_operations() noexcept { return table; }

}  // namespace regard::bindings
