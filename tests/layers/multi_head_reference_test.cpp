// SPDX-License-Identifier: MIT
#include <map>

#include "autograd/operations.h"
#include "layers/multi_head_attention.h"
#include "reference/multi_head_attention.h"
#include "support/gradient.h"
#include "support/numbers.h"

namespace regard::layers {
namespace {

using reference::Dual;
using reference::Matrix;

constexpr Index L = 3, S = 5, M = 6, H = 2;

Variable random_variable(const Shape& shape, uint64_t seed) {
  return autograd::variable(Tensor::from(shape, testing::numbers(shape.count(), seed)));
}

// The whole layer, its projections included, and the gradient of every parameter and input.
TEST(MultiHeadAttentionTest, AgreesWithTheReference) {
  Initializer initializer(1);
  const MultiHeadAttention layer({.M = M, .H = H}, initializer);
  Parameters all = {{"query", random_variable({1, L, M}, 2)},
                    {"memory", random_variable({1, S, M}, 3)}};
  layer.collect("", all);
  for (size_t i = 2; i < all.size(); ++i) {
    const auto values = testing::numbers(all[i].second->value.count(), 10 + i, 0.7f);
    std::copy(values.begin(), values.end(), all[i].second->value.data());
  }

  // the layer
  Tape tape;
  Pass pass{tape};
  const Variable& memory = all[1].second;
  const Variable output =
      layer
          .forward(pass, {all[0].second, memory, memory},
                   {.attention = {.causal = true, .origin = attention::Origin::bottom_right}})
          .output;
  const Tensor weights = Tensor::from({1, L, M}, testing::numbers(L * M, 4));

  // the reference, as a function of all numbers in a row
  std::vector<double> point;
  std::map<std::string, Index> offsets;
  for (const auto& [name, variable] : all) {
    offsets[name] = static_cast<Index>(point.size());
    for (const float value : variable->value.values()) point.push_back(static_cast<double>(value));
  }
  const auto exact = [&](const std::vector<Dual>& numbers) {
    const auto matrix = [&](const std::string& name, Index rows, Index columns) {
      const auto begin = numbers.begin() + offsets.at(name);
      return Matrix<Dual>(rows, columns, std::vector<Dual>(begin, begin + rows * columns));
    };
    const auto projection = [&](const std::string& name) {
      return reference::Projection<Dual>{matrix(name + ".weight", M, M),
                                         matrix(name + ".bias", 1, M).row(0)};
    };
    return reference::multi_head_attention<Dual>(matrix("query", L, M), matrix("memory", S, M),
                                                 {projection("q_proj"), projection("k_proj"),
                                                  projection("v_proj"), projection("out_proj")},
                                                 H, reference::causal_bottom_right(L, S))
        .output.values();
  };

  std::vector<double> expected;
  for (const Dual& value : exact({point.begin(), point.end()})) expected.push_back(value.value);
  // three products of six terms each and a softmax, at about ten roundings
  testing::expect_close(output->value.values(), expected, 64);

  tape.backward(autograd::weighted_total(tape, output, weights));
  const auto gradients = testing::gradient(point, [&](const std::vector<Dual>& numbers) {
    return testing::weighted_sum(exact(numbers), testing::widened(weights.values()));
  });
  // within 1e-5 of the largest of all: the keys' bias has a gradient of 0, what moves all scores of
  // a row moves no weight, and gets there by terms that cancel
  double largest = 0.0;
  for (const double gradient : gradients) largest = std::max(largest, std::abs(gradient));
  for (const auto& [name, variable] : all) {
    const auto begin = gradients.begin() + offsets[name];
    const std::vector<double> part(begin, begin + variable->value.count());
    testing::expect_within(
        variable->gradient.values(), part, [&](size_t) { return 1e-5 * largest; }, name);
  }
}

}  // namespace
}  // namespace regard::layers
