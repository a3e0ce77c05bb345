// SPDX-License-Identifier: MIT
// Every differentiable operation against the reference: its values in double, its gradients by dual
// numbers. An operation that operations.h names and that has no check here fails the build.
#include "autograd/operations.h"

#include <cmath>
#include <filesystem>
#include <fstream>
#include <regex>
#include <set>

#include "autograd/check.h"
#include "kernels/dropout.h"
#include "reference/cross_entropy.h"
#include "reference/dropout.h"
#include "reference/multi_head_attention.h"

namespace regard::autograd {
namespace {

// --- Operations whose checks are here, in the order of the registry ---

// Two sequences, the second shorter by two keys.
void check_attention_of(Index L, Index S, std::optional<attention::Origin> causal,
                        std::optional<float> scale, bool weights) {
  using attention::Origin;
  constexpr Index B = 2, H = 2, D = 3, Dv = 5;
  attention::AttentionOptions options;
  options.heads = H;
  options.causal = causal.has_value();
  options.origin = causal.value_or(Origin::unstated);
  options.scale = scale;
  options.key_lengths = {S, S - 2};
  options.weights = weights;

  const auto mask_of = [&](Index b) {
    const auto lengths = reference::first_keys(options.key_lengths[static_cast<size_t>(b)]);
    if (!causal) return lengths;
    return reference::both(lengths, *causal == Origin::top_left
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
      [&](Tape& tape, const auto& in) {
        return attention(tape, {in[0], in[1], in[2]}, options).output;
      },
      exact);
}

// As many queries as keys, fewer, and more: then some of them see no key.
void check_attention() {
  using attention::Origin;
  for (const std::optional<Origin> causal :
       {std::optional<Origin>(), std::optional(Origin::top_left),
        std::optional(Origin::bottom_right)}) {
    for (const std::optional<float> scale : {std::optional<float>(), std::optional(0.5f)}) {
      check_attention_of(4, 4, causal, scale, false);
      check_attention_of(2, 5, causal, scale, true);
      check_attention_of(5, 3, causal, scale, false);
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

// Two heads of five numbers, of which four are rotated, behind two places that are there already.
void check_rotary() {
  const Shape shape = {2, 3, 10};
  for (const auto pairs : {kernels::RotaryPairs::halves, kernels::RotaryPairs::interleaved}) {
    const RotaryOptions options{.pairs = pairs, .base = 100, .width = 4, .first = 2, .heads = 2};
    check(
        {shape}, [&](Tape& tape, const auto& in) { return rotary(tape, in[0], options); },
        [&](const auto& in) {
          Duals y = in[0];
          for (const auto& place : places(shape)) {
            const Index j = place[2] % 5;
            const bool halves = pairs == kernels::RotaryPairs::halves;
            // pair 0 or 1 at the first of its two numbers
            if (halves ? j >= 2 : j % 2 != 0 || j == 4) continue;
            const Index pair = halves ? j : j / 2, other = halves ? 2 : 1;
            const double angle = static_cast<double>(2 + place[1]) *
                                 std::pow(100.0, -0.5 * static_cast<double>(pair));
            const Dual a = at(in[0], shape, place);
            const Dual b = at(in[0], shape, {place[0], place[1], place[2] + other});
            const auto flat = static_cast<size_t>((place[0] * 3 + place[1]) * 10 + place[2]);
            y[flat] = a * std::cos(angle) - b * std::sin(angle);
            y[flat + static_cast<size_t>(other)] = b * std::cos(angle) + a * std::sin(angle);
          }
          return y;
        });
  }
}

// --- The registry ---

struct Check {
  std::string_view name;
  void (*run)();
};

constexpr Check checks[] = {{"add", check_add},
                            {"subtract", check_subtract},
                            {"multiply", check_multiply},
                            {"divide", check_divide},
                            {"maximum", check_maximum},
                            {"minimum", check_minimum},
                            {"reshape", check_reshape},
                            {"permute", check_permute},
                            {"transpose", check_transpose},
                            {"broadcast_to", check_broadcast_to},
                            {"slice", check_slice},
                            {"diagonal", check_diagonal},
                            {"concatenate", check_concatenate},
                            {"stack", check_stack},
                            {"attention", check_attention},
                            {"coverage_attention", check_coverage_attention},
                            {"dropout", check_dropout},
                            {"dropout_add", check_dropout_add},
                            {"activation", check_activation},
                            {"apply", check_apply},
                            {"power", check_power},
                            {"index_select", check_index_select},
                            {"take_along_axis", check_take_along_axis},
                            {"embedding", check_embedding},
                            {"cross_entropy", check_cross_entropy},
                            {"softmax", check_softmax},
                            {"log_softmax", check_log_softmax},
                            {"layer_norm", check_layer_norm},
                            {"matmul", check_matmul},
                            {"linear", check_linear},
                            {"einsum", check_einsum},
                            {"sum", check_sum},
                            {"mean", check_mean},
                            {"variance", check_variance},
                            {"max", check_max},
                            {"min", check_min},
                            {"cumulative_sum", check_cumulative_sum},
                            {"weighted_total", check_weighted_total},
                            {"rotary", check_rotary},
                            {"where", check_where},
                            {"masked_fill", check_masked_fill},
                            {"triangle", check_triangle}};

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

// What the headers declare is what the registry lists.
TEST(OperationsTest, TheRegistryIsComplete) {
  const std::regex declaration(R"(^(\w*Variables?) (\w+)\(Tape& tape.*)");
  std::set<std::string> declared;
  for (const auto& entry :
       std::filesystem::directory_iterator(REGARD_GOLDEN_DIR "/../../src/autograd")) {
    if (entry.path().extension() != ".h") continue;
    std::ifstream header(entry.path());
    for (std::string line; std::getline(header, line);) {
      std::smatch match;
      if (std::regex_match(line, match, declaration)) declared.insert(match[2]);
    }
  }
  EXPECT_EQ(declared, std::set<std::string>(operations.begin(), operations.end()));
}

// --- What the operations refuse ---

TEST(OperationsTest, OperandsThatDoNotFitAreShapeErrors) {
  Tape tape;
  const auto heads = [](Index H) {
    attention::AttentionOptions options;
    options.heads = H;
    return options;
  };
  const auto of = [](const Shape& shape) { return variable(Tensor::zeros(shape)); };
  EXPECT_THROW(add(tape, of({2, 3}), of({3, 2})), ShapeError);
  EXPECT_THROW(attention(tape, {of({1, 2, 4}), of({1, 3, 6}), of({1, 3, 4})}, heads(2)),
               ShapeError);
  EXPECT_THROW(attention(tape, {of({1, 2, 4}), of({1, 3, 4}), of({1, 2, 4})}, heads(2)),
               ShapeError);
  EXPECT_THROW(attention(tape, {of({1, 2, 4}), of({1, 3, 4}), of({1, 3, 4})}, heads(3)),
               ShapeError);
  EXPECT_THROW(cross_entropy(tape, of({2, 3}), {0, 1, 2}), ShapeError);
  EXPECT_THROW(dropout_add(tape, of({2, 3}), of({6}), 0.5f, 1), ShapeError);
  EXPECT_THROW(embedding(tape, {0, 1, 2}, 2, of({3, 4}), 1.0f), ShapeError);
  EXPECT_THROW(embedding(tape, {0, 1}, 1, of({3, 4}), 1.0f, Tensor::zeros({3, 4})), ShapeError);
  EXPECT_THROW(layer_norm(tape, of({2, 3}), of({2}), of({3}), 1e-5f), ShapeError);
  EXPECT_THROW(linear(tape, of({2, 3}), of({5, 4}), nullptr), ShapeError);
  EXPECT_THROW(linear(tape, of({2, 4}), of({5, 4}), of({4})), ShapeError);
  EXPECT_THROW(packed_linear(Tensor::zeros({2, 3}), Tensor::zeros({100}), 4, 5, nullptr),
               ShapeError);
  EXPECT_THROW(packed_linear(Tensor::zeros({}), Tensor::zeros({100}), 4, 5, nullptr), ShapeError);
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

TEST(OperationsTest, LogitsAreKeptWhereThatIsAsked) {
  const Tensor numbers = random_tensor({2, 5}, 54);
  std::vector<Tensor> gradients;
  for (const Logits after : {Logits::keep, Logits::reuse}) {
    Tape tape;
    const auto logits = variable(numbers.clone());
    tape.backward(cross_entropy(tape, logits, {1, 4}, {}, after));
    gradients.push_back(logits->gradient);
    if (after == Logits::keep) testing::expect_same(logits->value.values(), numbers.values());
  }
  testing::expect_same(gradients[0].values(), gradients[1].values());
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
