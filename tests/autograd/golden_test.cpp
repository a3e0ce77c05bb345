// SPDX-License-Identifier: MIT
// Tensors against PyTorch: tests/golden/README.md, section torch.
#include <cmath>
#include <functional>
#include <map>
#include <set>

#include "autograd/operations.h"
#include "io/file.h"
#include "io/json.h"
#include "io/safetensors.h"
#include "support/numbers.h"

namespace regard::autograd {
namespace {

using io::Fields;
using io::Json;

struct Asked {
  Tape& tape;
  std::vector<Variable> in;
  Fields options;

  Index whole(std::string_view key) const { return options.whole(key); }

  std::vector<Index> wholes(std::string_view key) const {
    std::vector<Index> result;
    for (const Json& item : options.value(key).items(key)) result.push_back(item.whole(key));
    return result;
  }

  ReduceOptions reduce() const { return {wholes("axis"), options.boolean("keep")}; }

  Indices indices() const {
    const Tensor& places = in[1]->value;
    return {Ids(places.values().begin(), places.values().end()), places.shape()};
  }
};

const std::map<std::string, std::function<Variable(const Asked&)>> operations_by_name = {
    {"add", [](const Asked& a) { return add(a.tape, a.in[0], a.in[1]); }},
    {"sub", [](const Asked& a) { return subtract(a.tape, a.in[0], a.in[1]); }},
    {"mul", [](const Asked& a) { return multiply(a.tape, a.in[0], a.in[1]); }},
    {"div", [](const Asked& a) { return divide(a.tape, a.in[0], a.in[1]); }},
    {"maximum", [](const Asked& a) { return maximum(a.tape, a.in[0], a.in[1]); }},
    {"minimum", [](const Asked& a) { return minimum(a.tape, a.in[0], a.in[1]); }},
    {"where", [](const Asked& a) { return where(a.tape, a.in[0]->value, a.in[1], a.in[2]); }},
    {"maskedFill",
     [](const Asked& a) {
       const auto value = static_cast<float>(a.options.number("value"));
       return masked_fill(a.tape, a.in[0], a.in[1]->value, value);
     }},
    {"sum", [](const Asked& a) { return sum(a.tape, a.in[0], a.reduce()); }},
    {"mean", [](const Asked& a) { return mean(a.tape, a.in[0], a.reduce()); }},
    {"max", [](const Asked& a) { return max(a.tape, a.in[0], a.reduce()); }},
    {"min", [](const Asked& a) { return min(a.tape, a.in[0], a.reduce()); }},
    {"variance",
     [](const Asked& a) {
       return variance(a.tape, a.in[0], a.reduce(), static_cast<float>(a.whole("correction")));
     }},
    {"softmax", [](const Asked& a) { return softmax(a.tape, a.in[0], a.whole("axis")); }},
    {"logSoftmax", [](const Asked& a) { return log_softmax(a.tape, a.in[0], a.whole("axis")); }},
    {"cumulativeSum",
     [](const Asked& a) { return cumulative_sum(a.tape, a.in[0], a.whole("axis")); }},
    {"permute", [](const Asked& a) { return permute(a.tape, a.in[0], a.wholes("order")); }},
    {"concatenate", [](const Asked& a) { return concatenate(a.tape, a.in, a.whole("axis")); }},
    {"indexSelect",
     [](const Asked& a) { return index_select(a.tape, a.in[0], a.indices(), a.whole("axis")); }},
    {"takeAlongAxis",
     [](const Asked& a) { return take_along_axis(a.tape, a.in[0], a.indices(), a.whole("axis")); }},
    {"tril",
     [](const Asked& a) {
       return triangle(a.tape, a.in[0], Triangle::lower, a.whole("diagonal"));
     }},
    {"triu",
     [](const Asked& a) {
       return triangle(a.tape, a.in[0], Triangle::upper, a.whole("diagonal"));
     }},
    {"matmul", [](const Asked& a) { return matmul(a.tape, a.in[0], a.in[1]); }},
    {"einsum", [](const Asked& a) { return einsum(a.tape, a.options.text("equation"), a.in); }},
};

TEST(GoldenTensorTest, EveryCaseIsWhatPyTorchGives) {
  const std::string path = std::string(REGARD_GOLDEN_DIR) + "/torch/tensors";
  const io::Bytes bytes = io::read_file(path + ".safetensors");
  const auto file = io::Safetensors::read(bytes, "tensors");
  const Json json = Json::parse(io::read_file(path + ".json"), "tensors.json");
  // Sums of at most 150 products of numbers up to 4, each rounded at 6e-8; relative to the largest.
  constexpr double error = 2e-6;

  std::set<std::string> seen;
  for (const Json& item : json.find("cases")->items("cases")) {
    const Fields fields(item, "case");
    const std::string name = fields.text("name"), operation = fields.text("operation");
    SCOPED_TRACE(name);
    seen.insert(operation);
    Tape tape;
    Asked asked{tape, {}, Fields(fields.value("options"), name)};
    const auto gradient_of = [&](size_t i) { return name + ".gradient." + std::to_string(i); };
    for (size_t i = 0; i < static_cast<size_t>(fields.whole("inputs")); ++i) {
      const Tensor value = file.tensor(name + "." + std::to_string(i));
      asked.in.push_back(file.has(gradient_of(i)) ? variable(value) : constant(value));
    }

    const auto expect_equal = [&](const Tensor& actual, const Tensor& expected) {
      ASSERT_EQ(actual.shape(), expected.shape());
      double largest = 1;
      for (const float value : expected.values()) {
        largest = std::max(largest, static_cast<double>(std::abs(value)));
      }
      testing::expect_within(actual.values(), testing::widened(expected.values()),
                             [&](size_t) { return error * largest; });
    };
    ASSERT_TRUE(operations_by_name.contains(operation));
    const Variable output = operations_by_name.at(operation)(asked);
    expect_equal(output->value, file.tensor(name + ".output"));
    tape.backward(weighted_total(tape, output, file.tensor(name + ".loss")));
    for (size_t i = 0; i < asked.in.size(); ++i) {
      if (asked.in[i]->needs_gradient)
        expect_equal(asked.in[i]->grad(), file.tensor(gradient_of(i)));
    }
  }
  EXPECT_EQ(seen.size(), operations_by_name.size());
}

}  // namespace
}  // namespace regard::autograd
