// SPDX-License-Identifier: MIT
// What PyTorch computed, by our layers' names: tests/golden/README.md, section torch.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "autograd/operations.h"
#include "io/file.h"
#include "io/safetensors.h"
#include "layers/block.h"

namespace regard::testing {

using autograd::Variable;

class PytorchGolden {
 public:
  explicit PytorchGolden(const std::string& name)
      : bytes_(io::read_file(std::string(REGARD_GOLDEN_DIR) + "/torch/" + name + ".safetensors")),
        file_(io::Safetensors::read(bytes_, name)) {}

  Tensor tensor(const std::string& name) const { return file_.tensor(name); }
  bool has(const std::string& name) const { return file_.has(name); }
  Index width() const { return tensor("output").size(-1); }
  Index heads() const { return std::stol(file_.metadata().at("heads")); }

  layers::BlockOptions block() const {
    const std::string activation = file_.metadata().at("activation");
    const bool pre = file_.metadata().at("norm_first") == "True";
    return {.M = width(),
            .H = heads(),
            .F = std::stol(file_.metadata().at("feed_forward")),
            .activation = activation == "gelu"   ? kernels::Activation::gelu
                          : activation == "silu" ? kernels::Activation::silu
                                                 : kernels::Activation::relu,
            .norm = pre ? layers::NormOrder::pre : layers::NormOrder::post};
  }

  /// How many keys of each sentence are no padding; empty where nothing is masked.
  std::vector<Index> key_lengths() const {
    std::vector<Index> lengths;
    if (!file_.has("input.key_padding")) return lengths;
    const Tensor mask = tensor("input.key_padding");
    for (Index b = 0; b < mask.size(0); ++b) {
      const auto row = mask.slice(b, b + 1).values();
      lengths.push_back(std::count(row.begin(), row.end(), 1.0f));
    }
    return lengths;
  }

  Variable input(const std::string& name) const {
    return autograd::variable(tensor("input." + name));
  }

  /// Copies PyTorch's weights into a layer's parameters, named as PyTorch's or Marian's are.
  void load(const layers::Parameters& parameters) const {
    for (const auto& [name, parameter] : parameters) {
      const Tensor weight = named("weight.", name);
      ASSERT_EQ(weight.shape(), parameter->value.shape()) << name;
      std::copy_n(weight.data(), weight.count(), parameter->value.data());
    }
  }

  void expect_output(const Variable& output) const {
    expect_equal(output->value, tensor("output"), "output");
  }

  /// Expects the output, runs backward from the golden's loss, and expects each input's gradient.
  void expect_output(autograd::Tape& tape, const Variable& output,
                     const std::vector<std::pair<std::string, Variable>>& inputs) const {
    expect_output(output);
    tape.backward(autograd::weighted_total(tape, output, tensor("loss")));
    for (const auto& [name, input] : inputs) {
      expect_equal(input->grad(), tensor("gradient.input." + name), "gradient of " + name);
    }
  }

  /// After backward.
  void expect_gradients(const layers::Parameters& parameters) const {
    for (const auto& [name, parameter] : parameters) {
      expect_equal(parameter->grad(), named("gradient.weight.", name), "gradient of " + name);
    }
  }

  void expect_attention(const Tensor& weights, const std::string& name) const {
    expect_equal(weights, tensor(name), name);
  }

 private:
  // The goldens are exact, from float64. Ours are fp32 through up to some thirty operations on
  // sums of at most 20 terms, each off by 6e-8 of its operands: 3e-5 of the largest (or of 1) if
  // all errors had one sign. The worst that was measured is 2.2e-6.
  static void expect_equal(const Tensor& actual, const Tensor& expected, const std::string& what) {
    ASSERT_EQ(actual.shape(), expected.shape()) << what;
    float largest = 1;
    for (const float value : expected.values()) largest = std::max(largest, std::abs(value));
    for (Index i = 0; i < expected.count(); ++i) {
      ASSERT_NEAR(actual.data()[i], expected.data()[i], 1e-5 * largest) << what << " at " << i;
    }
  }

  // Marian's name for a part in PyTorch's words. Its norms are numbered.
  std::string translate(const std::string& kind, const std::string& name) const {
    const size_t last = name.find("final_layer_norm");
    const bool decoder =
        last != std::string::npos && file_.has(kind + name.substr(0, last) + "norm3.weight");
    const std::pair<std::string, std::string> parts[] = {
        {"self_attn_layer_norm", "norm1"},
        {"encoder_attn_layer_norm", "norm2"},
        {"final_layer_norm", decoder ? "norm3" : "norm2"},
        {"layer_norm", "norm"},
        {"encoder_attn.", "multihead_attn."},
        {"fc1", "linear1"},
        {"fc2", "linear2"}};
    for (const auto& [ours, theirs] : parts) {
      const size_t place = name.find(ours);
      if (place != std::string::npos)
        return name.substr(0, place) + theirs + name.substr(place + ours.size());
    }
    return name;
  }

  // A weight or its gradient, by PyTorch's name or by Marian's; PyTorch keeps the projections of
  // query, key and value as one matrix, in this order.
  Tensor named(const std::string& kind, const std::string& name) const {
    if (file_.has(kind + name)) return tensor(kind + name);
    std::string theirs = translate(kind, name);
    const char* projections[] = {"q_proj.", "k_proj.", "v_proj."};
    for (Index i = 0; i < 3; ++i) {
      const size_t place = theirs.find(projections[i]);
      if (place == std::string::npos) continue;
      theirs.replace(place, 7, "in_proj_");
      const Tensor all = tensor(kind + theirs);
      const Index M = all.size(0) / 3;
      return all.slice(i * M, (i + 1) * M);
    }
    return tensor(kind + theirs);
  }

  io::Bytes bytes_;
  io::Safetensors file_;
};

}  // namespace regard::testing
