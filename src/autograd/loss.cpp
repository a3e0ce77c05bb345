// SPDX-License-Identifier: MIT
#include "autograd/loss.h"

#include <algorithm>
#include <utility>

#include "autograd/operands.h"
#include "kernels/elementwise.h"
#include "tensor/stopwatch.h"

namespace regard::autograd {

Variable cross_entropy(Tape& tape, const Variable& logits, const Ids& targets,
                       const kernels::CrossEntropyOptions& options, Logits after) {
  const Index rows = logits->value.shape().rows(), V = logits->value.shape().back();
  expect_shape("cross_entropy", "targets", {static_cast<Index>(targets.size())}, {rows});
  expect_ids("cross_entropy", targets, V, options.ignore);
  if (options.masked != options.ignore &&
      std::find(targets.begin(), targets.end(), options.masked) != targets.end()) {
    throw ValueError("cross_entropy: a target is the masked id ", options.masked);
  }
  const Index counted = rows - std::count(targets.begin(), targets.end(), options.ignore);

  const Timed timed(Work::loss);
  Tensor losses = Tensor::empty({rows}), log_sums = Tensor::empty({rows});
  kernels::cross_entropy(logits->value.data(), targets.data(), losses.data(), log_sums.data(), rows,
                         V, options);
  double total = 0;
  for (const float loss : losses.values()) total += loss;
  const float mean = counted ? static_cast<float>(total / static_cast<double>(counted)) : 0.0f;

  return tape.record(
      Tensor::full({1}, mean), {logits}, [=, log_sums = std::move(log_sums)](const Node& out) {
        const Timed timed_back(Work::loss);
        const float scale = counted ? out.gradient.data()[0] / static_cast<float>(counted) : 0.0f;
        // Unless others wait for their gradient as well, it takes the place of the values.
        const bool first = !logits->gradient.defined(), in_place = first && after == Logits::reuse;
        Tensor dlogits = in_place ? logits->value : Tensor::empty(logits->value.shape());
        kernels::cross_entropy_backward(logits->value.data(), targets.data(), log_sums.data(),
                                        scale, dlogits.data(), rows, V, options);
        if (first) {
          logits->gradient = dlogits;
        } else {
          kernels::add_in_place(dlogits.data(), logits->gradient.data(), dlogits.count());
        }
      });
}

}  // namespace regard::autograd
