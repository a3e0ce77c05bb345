// SPDX-License-Identifier: MIT
// What Hugging Face's models make of places: tests/golden/README.md, section torch.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "autograd/reduction.h"
#include "io/file.h"
#include "io/safetensors.h"
#include "layers/parameters.h"
#include "support/numbers.h"

namespace regard::layers {

/// One case of the file.
class PositionsGolden {
 public:
  explicit PositionsGolden(const std::string& name)
      : name_(name),
        bytes_(io::read_file(std::string(REGARD_GOLDEN_DIR) + "/torch/positions.safetensors")),
        file_(io::Safetensors::read(bytes_, "positions")) {}

  Tensor tensor(const std::string& part) const { return file_.tensor(name_ + "." + part); }
  Variable variable(const std::string& part) const { return autograd::variable(tensor(part)); }

  /// Copies the case's input into a layer's one parameter, which must have a name.
  void load(const Parameters& parameters, const std::string& name) const {
    ASSERT_EQ(parameters.size(), 1u);
    EXPECT_EQ(parameters[0].first, name);
    const Tensor values = tensor("input");
    ASSERT_EQ(values.shape(), parameters[0].second->value.shape());
    std::copy_n(values.data(), values.count(), parameters[0].second->value.data());
  }

  /// Expects the output, and the gradients of the golden's loss.
  void expect(Tape& tape, const Variable& output,
              const std::vector<std::pair<std::string, Variable>>& gradients) const {
    expect_equal(output->value, "output");
    tape.backward(autograd::weighted_total(tape, output, tensor("loss")));
    for (const auto& [part, variable] : gradients) expect_equal(variable->grad(), part);
  }

 private:
  // The models take sines and cosines in fp32 of angles in fp32, up to 8 with an error of 5e-7, and
  // a sum of at most 30 numbers follows.
  void expect_equal(const Tensor& actual, const std::string& part) const {
    const Tensor expected = tensor(part);
    ASSERT_EQ(actual.shape(), expected.shape()) << part;
    for (Index i = 0; i < expected.count(); ++i) {
      ASSERT_NEAR(actual.data()[i], expected.data()[i], 1e-5) << part << " at " << i;
    }
  }

  std::string name_;
  io::Bytes bytes_;
  io::Safetensors file_;
};

}  // namespace regard::layers
