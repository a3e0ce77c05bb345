// SPDX-License-Identifier: MIT
// Whole layers as other programs compute them: a JSON of cases beside a file of tensors.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "autograd/reduction.h"
#include "io/file.h"
#include "io/json.h"
#include "io/safetensors.h"
#include "layers/registry.h"

namespace regard::layers {

/// The cases of `<folder>/<name>.json`, whose tensors are `<case>.<name>` beside it.
class LayerGolden {
 public:
  explicit LayerGolden(const std::string& path)
      : json_bytes_(io::read_file(std::string(REGARD_GOLDEN_DIR) + "/" + path + ".json")),
        bytes_(io::read_file(std::string(REGARD_GOLDEN_DIR) + "/" + path + ".safetensors")),
        json_(io::Json::parse(json_bytes_, path)),
        file_(io::Safetensors::read(bytes_, path)) {}

  const io::Json::Array& cases() const { return json_.find("cases")->items("cases"); }
  bool has(const std::string& name) const { return file_.has(name); }
  Tensor tensor(const std::string& name) const { return file_.tensor(name); }

 private:
  io::Bytes json_bytes_, bytes_;
  io::Json json_;
  io::Safetensors file_;
};

/// The goldens are exact, from float64. Ours are fp32 through up to some sixty operations on sums
/// of at most 24 terms, each off by 6e-8 of its operands: 9e-5 of the largest (or of 1) if all
/// errors had one sign. The worst that was measured is 1.4e-6.
inline void expect_near_golden(const Tensor& actual, const Tensor& expected,
                               const std::string& what) {
  ASSERT_TRUE(actual.defined()) << what;
  ASSERT_EQ(actual.shape(), expected.shape()) << what;
  float largest = 1;
  for (const float value : expected.values()) {
    if (std::isfinite(value)) largest = std::max(largest, std::abs(value));
  }
  for (Index i = 0; i < expected.count(); ++i) {
    const float given = actual.data()[i], wanted = expected.data()[i];
    if (std::isnan(given) && std::isnan(wanted)) continue;
    ASSERT_NEAR(given, wanted, 2e-5 * largest) << what << " at " << i;
  }
}

/// One case: the layer is made, given its parameters and run; its first output, the gradients of
/// the golden's loss and the other outputs are compared.
struct LayerCase {
  std::string kind;
  io::Json options, call;
  std::vector<std::pair<std::string, Tensor>> inputs{}, weights{}, outputs{}, gradients{};
  Tensor loss{};
};

inline void expect_case(const LayerCase& golden) {
  Initializer initializer(1, InitialWeights::torch);
  const std::unique_ptr<Layer> layer = make_layer(golden.kind, golden.options, initializer);
  Parameters parameters;
  layer->collect("", parameters);
  ASSERT_EQ(parameters.size(), golden.weights.size());
  std::vector<std::pair<std::string, Variable>> learned;
  for (const auto& [name, parameter] : parameters) {
    const auto found = std::find_if(golden.weights.begin(), golden.weights.end(),
                                    [&](const auto& weight) { return weight.first == name; });
    ASSERT_NE(found, golden.weights.end()) << "there is no " << name;
    ASSERT_EQ(parameter->value.shape(), found->second.shape()) << name;
    std::copy_n(found->second.data(), found->second.count(), parameter->value.data());
    learned.emplace_back("weight." + name, parameter);
  }

  NamedVariables inputs;
  for (const auto& [name, value] : golden.inputs) {
    inputs.emplace_back(name, autograd::variable(value));
    learned.emplace_back("input." + name, inputs.back().second);
  }
  Tape tape;
  Pass pass{tape};
  const NamedVariables outputs = layer->forward(pass, inputs, golden.call);
  for (const auto& [name, expected] : golden.outputs) {
    const auto found = std::find_if(outputs.begin(), outputs.end(),
                                    [&](const auto& output) { return output.first == name; });
    ASSERT_NE(found, outputs.end()) << "there is no " << name;
    expect_near_golden(found->second->value, expected, name);
  }
  if (!golden.loss.defined()) return;

  tape.backward(autograd::weighted_total(tape, outputs[0].second, golden.loss));
  for (const auto& [name, expected] : golden.gradients) {
    const auto found = std::find_if(learned.begin(), learned.end(),
                                    [&](const auto& variable) { return variable.first == name; });
    ASSERT_NE(found, learned.end()) << "there is no " << name;
    expect_near_golden(found->second->grad(), expected, "gradient of " + name);
  }

  // the same without a record, from packed weights
  layer->prepack();
  Tape forgetting(Tape::Mode::forget);
  Pass inference{forgetting};
  expect_near_golden(layer->forward(inference, inputs, golden.call)[0].second->value,
                     golden.outputs[0].second, "packed");
}

}  // namespace regard::layers
