// SPDX-License-Identifier: MIT
#include "autograd/coverage.h"

#include "autograd/check.h"
#include "reference/coverage.h"
#include "thrown.h"

namespace regard::autograd {

namespace {

constexpr Index L = 3, S = 4, D = 3, Dk = 2, Dv = 2, M = 5;

CoverageInputs inputs_of(const std::vector<Variable>& in) {
  return {in[0], in[1], in[2], in[3], in[4], in[5], in[6], in[7], in[8]};
}

const std::vector<Shape> shapes = {{1, L, D}, {1, S, Dk}, {1, S, Dv}, {M, D}, {M, Dk},
                                   {M},       {M},        {M},        {1, S}};

}  // namespace

// Output, weights, coverage and loss side by side; the last key is padding.
void check_coverage_attention() {
  check(
      shapes,
      [](Tape& tape, const auto& in) {
        const auto [output, weights, coverage, loss] =
            coverage_attention(tape, inputs_of(in), {.key_lengths = {S - 1}});
        const auto flat = [&](const Variable& x) { return reshape(tape, x, {x->value.count()}); };
        return concatenate(tape, {flat(output), flat(weights), flat(coverage), flat(loss)}, 0);
      },
      [](const auto& in) {
        const auto exact = reference::coverage_attention<Dual>(
            matrix(L, in[0]), matrix(S, in[1]), matrix(S, in[2]),
            {matrix(M, in[3]), matrix(M, in[4]), in[5], in[6], in[7]}, in[8],
            reference::first_keys(S - 1));
        Duals all;
        for (const auto& part :
             {exact.output.values(), exact.weights.values(), exact.coverage.values(), exact.loss}) {
          all.insert(all.end(), part.begin(), part.end());
        }
        return all;
      });
}

namespace {

TEST(CoverageOperationTest, BiasAndInitialMayBeLeftOutAndNothingElse) {
  Tape tape;
  std::vector<Variable> in;
  for (const Shape& shape : shapes) in.push_back(variable(random_tensor(shape, in.size())));
  in[7] = in[8] = nullptr;
  const CoverageVariables result = coverage_attention(tape, inputs_of(in));
  tape.backward(weighted_total(tape, result.loss, Tensor::full({1, L}, 1)));
  for (size_t i = 0; i < 7; ++i) {
    // the values have no part in the loss, but a gradient of zeros
    EXPECT_TRUE(in[i]->gradient.defined()) << i;
  }
  in[5] = nullptr;
  EXPECT_EQ(thrown<ValueError>([&] { coverage_attention(tape, inputs_of(in)); }),
            "coverage_attention: parameters.coverage is missing");
  in[1] = nullptr;
  EXPECT_EQ(thrown<ValueError>([&] { coverage_attention(tape, inputs_of(in)); }),
            "coverage_attention: queries, keys or values are missing");
}

}  // namespace
}  // namespace regard::autograd
