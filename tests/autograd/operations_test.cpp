// SPDX-License-Identifier: MIT
// Every differentiable operation against the reference: its values in double, its gradients by dual
// numbers. An operation that operations.h names and that has no check here fails the build.
#include "autograd/operations.h"

#include <fstream>
#include <functional>
#include <regex>
#include <set>

#include "kernels/dropout.h"
#include "kernels/matmul.h"
#include "reference/activation.h"
#include "reference/cross_entropy.h"
#include "reference/dropout.h"
#include "reference/embedding.h"
#include "reference/layer_norm.h"
#include "reference/multi_head_attention.h"
#include "support/gradient.h"
#include "support/numbers.h"

namespace regard::autograd {
namespace {

using reference::Dual;
using reference::Matrix;
using reference::Vector;
using Duals = Vector<Dual>;

/// An operation under test on some variables, and the same function in dual numbers: the flat
/// values of its inputs to the flat values of its output.
using Operation = std::function<Variable(Tape&, const std::vector<Variable>&)>;
using Exact = std::function<Duals(const std::vector<Duals>&)>;

Tensor random_tensor(const Shape& shape, uint64_t seed) {
  return Tensor::from(shape, testing::numbers(shape.count(), seed));
}

// The derivative of sum(weights * exact(inputs)) by each element of all inputs, one after the
// other.
std::vector<double> exact_gradient(const std::vector<Shape>& shapes, std::vector<double> point,
                                   const Exact& exact, const std::vector<double>& weights) {
  return testing::gradient(point, [&](const Duals& all) {
    std::vector<Duals> inputs;
    auto at = all.begin();
    for (const Shape& shape : shapes) {
      inputs.emplace_back(at, at + shape.count());
      at += shape.count();
    }
    return testing::weighted_sum(exact(inputs), weights);
  });
}

/// Compares value and gradients at random inputs of the given shapes.
void check(const std::vector<Shape>& shapes, const Operation& operation, const Exact& exact) {
  std::vector<Variable> inputs;
  std::vector<Duals> exact_inputs;
  std::vector<double> point;
  for (const Shape& shape : shapes) {
    inputs.push_back(variable(random_tensor(shape, 100 + inputs.size())));
    const auto values = testing::widened(inputs.back()->value.values());
    exact_inputs.emplace_back(values.begin(), values.end());
    point.insert(point.end(), values.begin(), values.end());
  }

  Tape tape;
  const Variable output = operation(tape, inputs);
  std::vector<double> expected;
  for (const Dual& value : exact(exact_inputs)) expected.push_back(value.value);
  testing::expect_close(output->value.values(), expected, 64, "value");

  const Tensor weights = random_tensor(output->value.shape(), 99);
  tape.backward(weighted_total(tape, output, weights));
  const auto gradients = exact_gradient(shapes, point, exact, testing::widened(weights.values()));
  auto at = gradients.begin();
  for (size_t i = 0; i < shapes.size(); ++i) {
    const std::vector<double> part(at, at + shapes[i].count());
    ASSERT_TRUE(inputs[i]->gradient.defined()) << "input " << i << " got no gradient";
    testing::expect_gradient(inputs[i]->gradient.values(), part, "input " + std::to_string(i));
    at += shapes[i].count();
  }
}

Matrix<Dual> matrix(Index rows, const Duals& values) {
  return Matrix<Dual>(rows, static_cast<Index>(values.size()) / rows, values);
}

// --- One function for each operation, in the order of the registry ---

void check_add() {
  check(
      {{3, 7}, {3, 7}}, [](Tape& tape, const auto& in) { return add(tape, in[0], in[1]); },
      [](const auto& in) {
        Duals sum = in[0];
        for (size_t i = 0; i < sum.size(); ++i) sum[i] += in[1][i];
        return sum;
      });
}

void check_activation_of(kernels::Activation kind, Dual (*exact)(const Dual&)) {
  check(
      {{5, 9}}, [=](Tape& tape, const auto& in) { return activation(tape, in[0], kind); },
      [=](const auto& in) {
        Duals y;
        for (const Dual& x : in[0]) y.push_back(exact(x));
        return y;
      });
}

void check_activation() {
  using kernels::Activation;
  check_activation_of(Activation::identity, [](const Dual& x) { return x; });
  check_activation_of(Activation::relu, reference::relu<Dual>);
  check_activation_of(Activation::gelu, reference::gelu<Dual>);
  check_activation_of(Activation::gelu_tanh, reference::gelu_tanh<Dual>);
  check_activation_of(Activation::silu, reference::silu<Dual>);
}

// Two sequences, the second shorter by two keys.
void check_attention_of(Index L, Index S, attention::Causal causal, std::optional<float> scale) {
  using attention::Causal;
  constexpr Index B = 2, H = 2, D = 3, Dv = 5;
  const attention::AttentionOptions options{
      .causal = causal, .scale = scale, .key_lengths = {S, S - 2}};

  const auto mask_of = [&](Index b) {
    const auto lengths = reference::first_keys(options.key_lengths[static_cast<size_t>(b)]);
    if (causal == Causal::none) return lengths;
    return reference::both(lengths, causal == Causal::top_left
                                        ? reference::causal_top_left()
                                        : reference::causal_bottom_right(L, S));
  };
  const auto rows_of = [](const Duals& all, Index b, Index rows, Index width) {
    const auto begin = all.begin() + b * rows * width;
    return Matrix<Dual>(rows, width, Duals(begin, begin + rows * width));
  };
  const Exact exact = [&](const auto& in) {
    Duals output;
    for (Index b = 0; b < B; ++b) {
      const auto heads =
          reference::attention_of_heads(rows_of(in[0], b, L, H * D), rows_of(in[1], b, S, H * D),
                                        rows_of(in[2], b, S, H * Dv), H, mask_of(b), scale);
      output.insert(output.end(), heads.output.values().begin(), heads.output.values().end());
    }
    return output;
  };
  check(
      {{B, L, H * D}, {B, S, H * D}, {B, S, H * Dv}},
      [&](Tape& tape, const auto& in) { return attention(tape, in[0], in[1], in[2], H, options); },
      exact);
}

// As many queries as keys, fewer, and more: then some of them see no key.
void check_attention() {
  using attention::Causal;
  for (const Causal causal : {Causal::none, Causal::top_left, Causal::bottom_right}) {
    for (const std::optional<float> scale : {std::optional<float>(), std::optional(0.5f)}) {
      check_attention_of(4, 4, causal, scale);
      check_attention_of(2, 5, causal, scale);
      check_attention_of(5, 3, causal, scale);
    }
  }
}

void check_cross_entropy() {
  constexpr Index rows = 4, V = 7;
  const Ids targets = {3, 0, -100, 5};
  for (const float smoothing : {0.0f, 0.1f}) {
    for (const Id masked : {-1, 6, 2}) {
      const kernels::CrossEntropyOptions options{-100, masked, smoothing};
      check(
          {{rows, V}},
          [&](Tape& tape, const auto& in) { return cross_entropy(tape, in[0], targets, options); },
          [&](const auto& in) {
            Dual total = 0.0;
            for (const Index row : {0, 1, 3}) {
              total += reference::cross_entropy(matrix(rows, in[0]).row(row),
                                                targets[static_cast<size_t>(row)],
                                                static_cast<double>(smoothing), masked);
            }
            return Duals{total / 3.0};
          });
    }
  }
}

// Which elements stay, by dropping from ones.
std::vector<bool> kept(Index n, float p, uint64_t seed) {
  std::vector<float> ones(static_cast<size_t>(n), 1.0f);
  kernels::dropout(ones.data(), ones.data(), n, p, seed);
  std::vector<bool> result;
  for (const float value : ones) result.push_back(value != 0.0f);
  return result;
}

void check_dropout() {
  check(
      {{6, 7}}, [](Tape& tape, const auto& in) { return dropout(tape, in[0], 0.25f, 17); },
      [](const auto& in) { return reference::dropout(in[0], kept(42, 0.25f, 17), 0.25); });
}

void check_dropout_add() {
  check(
      {{6, 7}, {6, 7}},
      [](Tape& tape, const auto& in) { return dropout_add(tape, in[0], in[1], 0.25f, 17); },
      [](const auto& in) {
        Duals sum = reference::dropout(in[0], kept(42, 0.25f, 17), 0.25);
        for (size_t i = 0; i < sum.size(); ++i) sum[i] += in[1][i];
        return sum;
      });
}

void check_embedding() {
  const Ids ids = {4, 0, 4, 1, 3, 0};
  const Tensor positions = random_tensor({3, 7}, 51);
  check(
      {{5, 7}},
      [&](Tape& tape, const auto& in) { return embedding(tape, ids, 2, in[0], 1.5f, positions); },
      [&](const auto& in) {
        auto rows = reference::embedding(ids, matrix(5, in[0]), 1.5);
        for (Index i = 0; i < 6; ++i) {
          for (Index j = 0; j < 7; ++j) rows(i, j) += positions.data()[i % 3 * 7 + j];
        }
        return rows.values();
      });
}

void check_layer_norm() {
  check(
      {{2, 3, 7}, {7}, {7}},
      [](Tape& tape, const auto& in) { return layer_norm(tape, in[0], in[1], in[2], 1e-5f); },
      [](const auto& in) {
        return each_row(matrix(6, in[0]),
                        [&](const Duals& row) {
                          return reference::layer_norm(row, in[1], in[2],
                                                       static_cast<double>(1e-5f));
                        })
            .values();
      });
}

void check_linear() {
  const Exact exact = [](const auto& in) {
    const Duals bias = in.size() > 2 ? in[2] : Duals(5);
    return reference::linear(matrix(6, in[0]), matrix(5, in[1]), bias).values();
  };
  check(
      {{2, 3, 7}, {5, 7}, {5}},
      [](Tape& tape, const auto& in) { return linear(tape, in[0], in[1], in[2]); }, exact);
  check(
      {{2, 3, 7}, {5, 7}},
      [](Tape& tape, const auto& in) { return linear(tape, in[0], in[1], nullptr); }, exact);
  check(
      {{2, 3, 7}, {5, 7}, {5}},
      [](Tape& tape, const auto& in) {
        Tensor packed = Tensor::empty({kernels::packed_size(7, 5)});
        kernels::pack({in[1]->value.data(), 1, 7}, 7, 5, packed.data());
        return linear(tape, in[0], in[1], in[2], packed);
      },
      exact);
}

void check_log_softmax() {
  check(
      {{4, 9}}, [](Tape& tape, const auto& in) { return log_softmax(tape, in[0]); },
      [](const auto& in) {
        return each_row(matrix(4, in[0]), reference::log_softmax<Dual>).values();
      });
}

void check_matmul() {
  check(
      {{3, 8}, {8, 5}}, [](Tape& tape, const auto& in) { return matmul(tape, in[0], in[1]); },
      [](const auto& in) {
        return reference::matmul(matrix(3, in[0]), matrix(8, in[1])).values();
      });
}

void check_softmax() {
  check(
      {{4, 9}}, [](Tape& tape, const auto& in) { return softmax(tape, in[0]); },
      [](const auto& in) { return each_row(matrix(4, in[0]), reference::softmax<Dual>).values(); });
}

void check_weighted_total() {
  const Tensor weights = random_tensor({3, 5}, 52);
  check(
      {{3, 5}}, [&](Tape& tape, const auto& in) { return weighted_total(tape, in[0], weights); },
      [&](const auto& in) {
        return Duals{testing::weighted_sum(in[0], testing::widened(weights.values()))};
      });
}

// --- The registry ---

struct Check {
  std::string_view name;
  void (*run)();
};

constexpr Check checks[] = {{"add", check_add},
                            {"activation", check_activation},
                            {"attention", check_attention},
                            {"cross_entropy", check_cross_entropy},
                            {"dropout", check_dropout},
                            {"dropout_add", check_dropout_add},
                            {"embedding", check_embedding},
                            {"layer_norm", check_layer_norm},
                            {"linear", check_linear},
                            {"log_softmax", check_log_softmax},
                            {"matmul", check_matmul},
                            {"softmax", check_softmax},
                            {"weighted_total", check_weighted_total}};

constexpr bool every_operation_is_checked() {
  for (const std::string_view operation : operations) {
    bool found = false;
    for (const Check& candidate : checks) found = found || candidate.name == operation;
    if (!found) return false;
  }
  return true;
}
static_assert(every_operation_is_checked(), "an operation of the registry has no gradient check");

class OperationTest : public ::testing::TestWithParam<Check> {};

TEST_P(OperationTest, AgreesWithTheReference) { GetParam().run(); }

INSTANTIATE_TEST_SUITE_P(Every, OperationTest, ::testing::ValuesIn(checks),
                         [](const auto& info) { return std::string(info.param.name); });

// What operations.h declares is what its registry lists.
TEST(OperationsTest, TheRegistryIsComplete) {
  std::ifstream header(REGARD_GOLDEN_DIR "/../../src/autograd/operations.h");
  ASSERT_TRUE(header) << "operations.h is not where it was";
  const std::regex declaration(R"(^Variable (\w+)\(Tape& tape.*)");
  std::set<std::string> declared;
  for (std::string line; std::getline(header, line);) {
    if (std::smatch match; std::regex_match(line, match, declaration)) declared.insert(match[1]);
  }
  EXPECT_EQ(declared, std::set<std::string>(operations.begin(), operations.end()));
}

// --- What the operations refuse ---

TEST(OperationsTest, OperandsThatDoNotFitAreShapeErrors) {
  Tape tape;
  const auto of = [](const Shape& shape) { return variable(Tensor::zeros(shape)); };
  EXPECT_THROW(add(tape, of({2, 3}), of({3, 2})), ShapeError);
  EXPECT_THROW(attention(tape, of({1, 2, 4}), of({1, 3, 6}), of({1, 3, 4}), 2), ShapeError);
  EXPECT_THROW(attention(tape, of({1, 2, 4}), of({1, 3, 4}), of({1, 2, 4}), 2), ShapeError);
  EXPECT_THROW(attention(tape, of({1, 2, 4}), of({1, 3, 4}), of({1, 3, 4}), 3), ShapeError);
  EXPECT_THROW(attention(tape, of({1, 2, 4}), of({1, 3, 4}), of({1, 3, 4}), 0), ShapeError);
  EXPECT_THROW(cross_entropy(tape, of({2, 3}), {0, 1, 2}), ShapeError);
  EXPECT_THROW(dropout_add(tape, of({2, 3}), of({6}), 0.5f, 1), ShapeError);
  EXPECT_THROW(embedding(tape, {0, 1, 2}, 2, of({3, 4}), 1.0f), ShapeError);
  EXPECT_THROW(embedding(tape, {0, 1}, 1, of({3, 4}), 1.0f, Tensor::zeros({3, 4})), ShapeError);
  EXPECT_THROW(layer_norm(tape, of({2, 3}), of({2}), of({3}), 1e-5f), ShapeError);
  EXPECT_THROW(linear(tape, of({2, 3}), of({5, 4}), nullptr), ShapeError);
  EXPECT_THROW(linear(tape, of({2, 4}), of({5, 4}), of({4})), ShapeError);
  EXPECT_THROW(matmul(tape, of({2, 3}), of({2, 3})), ShapeError);
  EXPECT_THROW(weighted_total(tape, of({2, 3}), Tensor::zeros({3, 2})), ShapeError);
}

TEST(OperationsTest, IdsOutsideOfTheVocabularyAreValueErrors) {
  Tape tape;
  const auto table = variable(Tensor::zeros({3, 3}));
  for (const Id id : {-100, -1, 3, 1 << 30}) {
    EXPECT_THROW(embedding(tape, {0, id}, 1, table, 1.0f), ValueError) << id;
    EXPECT_THROW(cross_entropy(tape, table, {0, id, 0}, {.ignore = -2}), ValueError) << id;
  }
}

TEST(OperationsTest, WithoutTargetsTheLossIsZero) {
  Tape tape;
  const auto logits = variable(random_tensor({2, 5}, 53));
  const auto loss = cross_entropy(tape, logits, {-100, -100}, {.ignore = -100});
  EXPECT_EQ(loss->value.data()[0], 0.0f);
  tape.backward(loss);
  testing::expect_same(logits->gradient.values(), std::vector<float>(10));
}

}  // namespace
}  // namespace regard::autograd
