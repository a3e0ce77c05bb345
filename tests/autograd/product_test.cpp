// SPDX-License-Identifier: MIT
#include "autograd/product.h"

#include <map>

#include "autograd/arithmetic.h"
#include "autograd/check.h"
#include "autograd/reduction.h"
#include "kernels/matmul.h"
#include "reference/matmul.h"
#include "thrown.h"

namespace regard::autograd {

namespace {

Shape batch_of(const Shape& shape) {
  return Shape(
      std::vector<Index>(shape.begin(), shape.begin() + std::max<Index>(shape.rank() - 2, 0)));
}

// The product as numpy.matmul defines it, number by number.
Duals exact_matmul(const Shape& a, const Shape& b, const Duals& x, const Duals& y) {
  const Index K = a[a.rank() - 1];
  const Index M = a.rank() > 1 ? a[a.rank() - 2] : 1, N = b.rank() > 1 ? b[b.rank() - 1] : 1;
  const auto with = [](std::vector<Index> place, Index i, Index j) {
    place.insert(place.end(), {i, j});
    return place;
  };
  // vectors as matrices
  const auto widened = [](const Shape& shape, std::vector<Index> matrix) {
    if (shape.rank() > 1) return shape;
    return Shape(matrix);
  };
  const Shape left = widened(a, {1, K}), right = widened(b, {K, 1});
  Duals result;
  for (const auto& batch : places(broadcast(batch_of(a), batch_of(b)))) {
    for (Index i = 0; i < M; ++i) {
      for (Index j = 0; j < N; ++j) {
        Dual total = 0.0;
        for (Index k = 0; k < K; ++k) {
          total += at(x, left, with(batch, i, k)) * at(y, right, with(batch, k, j));
        }
        result.push_back(total);
      }
    }
  }
  return result;
}

}  // namespace

void check_matmul() {
  const std::vector<std::array<Shape, 3>> cases = {
      {{{3, 8}, {8, 5}, {3, 5}}},
      {{{8}, {8}, {}}},
      {{{8}, {8, 5}, {5}}},
      {{{3, 8}, {8}, {3}}},
      {{{2, 3, 4}, {4, 5}, {2, 3, 5}}},
      {{{3, 4}, {2, 4, 5}, {2, 3, 5}}},
      {{{2, 3, 4}, {2, 4, 5}, {2, 3, 5}}},
      {{{2, 1, 3, 4}, {5, 4, 2}, {2, 5, 3, 2}}},
      {{{1, 3, 4}, {2, 4, 1}, {2, 3, 1}}},
      {{{4}, {2, 3, 4, 5}, {2, 3, 5}}},
      {{{2, 3, 4, 5}, {5}, {2, 3, 4}}},
      {{{2, 1, 2, 1, 2, 3}, {2, 1, 2, 3, 1}, {2, 2, 2, 2, 2, 1}}},
      {{{1, 1, 3}, {1, 3, 2}, {1, 1, 2}}},
      {{{40, 1, 2}, {40, 2, 1}, {40, 1, 1}}},
  };
  for (const auto& [a, b, c] : cases) {
    SCOPED_TRACE(a.to_string() + " and " + b.to_string());
    check(
        {a, b}, [](Tape& tape, const auto& in) { return matmul(tape, in[0], in[1]); },
        [&](const auto& in) { return exact_matmul(a, b, in[0], in[1]); });
    Tape tape;
    const Variable x = variable(Tensor::zeros(a)), y = variable(Tensor::zeros(b));
    EXPECT_EQ(matmul(tape, x, y)->value.shape(), c);
  }
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

namespace {

// The sum that an equation without `...` stands for, over all values of all letters.
Duals exact_einsum(const std::string& equation, const std::vector<Shape>& shapes,
                   const std::vector<Duals>& in) {
  std::vector<std::string> terms(1);
  const size_t arrow = equation.find("->");
  for (const char c : equation.substr(0, arrow)) {
    if (c == ',') {
      terms.emplace_back();
    } else {
      terms.back() += c;
    }
  }
  std::map<char, Index> sizes;
  std::map<char, int> uses;
  for (size_t i = 0; i < terms.size(); ++i) {
    for (size_t axis = 0; axis < terms[i].size(); ++axis) {
      sizes[terms[i][axis]] = shapes[i][static_cast<Index>(axis)];
      ++uses[terms[i][axis]];
    }
  }
  std::string result = arrow == std::string::npos ? "" : equation.substr(arrow + 2);
  if (arrow == std::string::npos) {
    for (const auto& [letter, count] : uses) {
      if (count == 1) result += letter;
    }
  }

  // the letters of the result first: then sums are contiguous
  std::string letters = result;
  for (const auto& [letter, size] : sizes) {
    if (letters.find(letter) == std::string::npos) letters += letter;
  }
  std::vector<Index> all, outer;
  for (const char letter : letters) all.push_back(sizes[letter]);
  outer.assign(all.begin(), all.begin() + static_cast<Index>(result.size()));
  const Index inner = Shape(all).count() / Shape(outer).count();

  Duals sums(static_cast<size_t>(Shape(outer).count()));
  const auto everywhere = places(Shape(all));
  for (size_t n = 0; n < everywhere.size(); ++n) {
    Dual product = 1.0;
    for (size_t i = 0; i < terms.size(); ++i) {
      std::vector<Index> place;
      for (const char letter : terms[i]) place.push_back(everywhere[n][letters.find(letter)]);
      product *= at(in[i], shapes[i], place);
    }
    sums[n / static_cast<size_t>(inner)] += product;
  }
  return sums;
}

}  // namespace

void check_einsum() {
  const std::vector<std::pair<std::string, std::vector<Shape>>> cases = {
      {"ij->ij", {{3, 4}}},
      {"ij->ji", {{3, 4}}},
      {"ij->i", {{3, 4}}},
      {"ij->", {{3, 4}}},
      {"ii->i", {{4, 4}}},
      {"ii", {{4, 4}}},
      {"iij->ji", {{3, 3, 2}}},
      {"iii->i", {{3, 3, 3}}},
      {"ba", {{3, 4}}},
      {"i,i", {{5}, {5}}},
      {"i,i->i", {{5}, {5}}},
      {"i,j->ij", {{3}, {4}}},
      {"i,j->ji", {{3}, {4}}},
      {"ij,jk", {{3, 4}, {4, 5}}},
      {"ij,jk->ki", {{3, 4}, {4, 5}}},
      {"ij,ij->", {{3, 4}, {3, 4}}},
      {"ij,ij->j", {{3, 4}, {3, 4}}},
      {"bij,bjk->bik", {{2, 3, 4}, {2, 4, 5}}},
      {"bi,bi->b", {{3, 4}, {3, 4}}},
      {"nqhd,nkhd->nhqk", {{2, 3, 2, 4}, {2, 5, 2, 4}}},
      {"nhqk,nkhd->nqhd", {{2, 2, 3, 5}, {2, 5, 2, 4}}},
      {"ij,kl->", {{2, 3}, {4, 2}}},
      {"ijk,lj->kl", {{2, 3, 4}, {5, 3}}},
      {"ii,ij->j", {{3, 3}, {3, 4}}},
      {",ij->ij", {{}, {2, 3}}},
      {"a,b,c->abc", {{2}, {3}, {4}}},
      {"ij,jk,kl->il", {{2, 3}, {3, 4}, {4, 2}}},
      {"bi,io,bo->b", {{3, 4}, {4, 2}, {3, 2}}},
      {"ij,ij,ij->i", {{2, 3}, {2, 3}, {2, 3}}},
      {"aB,Bc->ca", {{2, 3}, {3, 2}}},
      {"abcdef,fedcba->", {{1, 2, 1, 2, 1, 2}, {2, 1, 2, 1, 2, 1}}},
  };
  for (const auto& [equation, shapes] : cases) {
    SCOPED_TRACE(equation);
    check(
        shapes, [&](Tape& tape, const auto& in) { return einsum(tape, equation, in); },
        [&](const auto& in) { return exact_einsum(equation, shapes, in); });
  }
}

namespace {

Variable of(const Shape& shape) {
  return variable(random_tensor(shape, 100 + static_cast<uint64_t>(shape.count())));
}

TEST(ProductTest, EmptyMatricesHaveProducts) {
  Tape tape;
  const Variable a = of({2, 3, 0}), b = of({2, 0, 4});
  const Variable c = matmul(tape, a, b);
  EXPECT_EQ(c->value.shape(), Shape({2, 3, 4}));
  testing::expect_same(c->value.values(), std::vector<float>(24));
  tape.backward(sum(tape, c));
  EXPECT_EQ(a->gradient.shape(), a->value.shape());
  EXPECT_EQ(matmul(tape, of({2, 0, 3}), of({3, 4}))->value.shape(), Shape({2, 0, 4}));
  EXPECT_EQ(matmul(tape, of({0, 2, 3}), of({0, 3, 4}))->value.shape(), Shape({0, 2, 4}));
  EXPECT_EQ(matmul(tape, of({0, 2, 3}), of({1, 3, 4}))->value.shape(), Shape({0, 2, 4}));
  testing::expect_same(einsum(tape, "ij,jk", {of({2, 0}), of({0, 3})})->value.values(),
                       std::vector<float>(6));
}

// Every matrix of a batch is the same product, bit for bit, as on its own.
TEST(ProductTest, ABatchIsItsProducts) {
  Tape tape(Tape::Mode::forget);
  const Variable a = of({70, 5, 33}), b = of({70, 33, 9});
  const Tensor c = matmul(tape, a, b)->value;
  for (const Index i : {0, 31, 32, 69}) {
    const Variable one = matmul(tape, constant(a->value.slice(i, i + 1).reshape({5, 33})),
                                constant(b->value.slice(i, i + 1).reshape({33, 9})));
    testing::expect_same(c.slice(i, i + 1).values(), one->value.values());
  }
}

TEST(ProductTest, DotsStandForAllOtherAxes) {
  Tape tape;
  const Variable a = of({2, 1, 3, 4}), b = of({5, 4, 3});
  const auto expect = [&](const char* equation, const std::vector<Variable>& operands,
                          const Variable& same) {
    const Variable found = einsum(tape, equation, operands);
    ASSERT_EQ(found->value.shape(), same->value.shape()) << equation;
    // the same products, summed in another order
    testing::expect_close(found->value.values(), testing::widened(same->value.values()), 32,
                          equation);
  };
  expect("...ij,...jk->...ik", {a, b}, matmul(tape, a, b));
  expect("...ij,...jk", {a, b}, matmul(tape, a, b));
  expect("... i j , ... j k", {a, b}, matmul(tape, a, b));
  expect("...i->i...", {a}, permute(tape, a, {3, 0, 1, 2}));
  expect("...->...", {a}, a);
  expect("i...i->...i", {of({3, 4, 3})}, diagonal(tape, of({3, 4, 3}), 0, 2));
  expect("...,...", {b, of({1, 3})}, multiply(tape, b, of({1, 3})));
  expect("i...,i", {of({4, 2}), of({4})}, matmul(tape, of({4}), of({4, 2})));
  // nothing behind the dots
  expect("...ij,...jk", {of({2, 3}), of({3, 4})}, matmul(tape, of({2, 3}), of({3, 4})));
}

TEST(ProductTest, DotsHaveGradients) {
  const std::vector<Shape> shapes = {{2, 1, 3, 4}, {5, 4, 2}};
  check(
      shapes, [](Tape& tape, const auto& in) { return einsum(tape, "...ij,...jk->...ik", in); },
      [&](const auto& in) { return exact_matmul(shapes[0], shapes[1], in[0], in[1]); });
}

TEST(ProductTest, FactorsThatDoNotFitAreNamed) {
  Tape tape;
  EXPECT_EQ(thrown<ShapeError>([&] { matmul(tape, of({2, 3}), of({2, 3})); }),
            "matmul: a is (2, 3) and b is (2, 3), expected (..., M, K) and (..., K, N)");
  EXPECT_EQ(thrown<ShapeError>([&] { matmul(tape, of({3}), of({2})); }),
            "matmul: a is (3) and b is (2), expected (..., M, K) and (..., K, N)");
  EXPECT_EQ(thrown<ShapeError>([&] { matmul(tape, of({}), of({2})); }),
            "matmul: a is () and b is (2), expected (..., M, K) and (..., K, N)");
  EXPECT_EQ(thrown<ShapeError>([&] { matmul(tape, of({2, 3, 4}), of({3, 4, 5})); }),
            "matmul: the batch of b is (3), which does not broadcast with (2)");
}

// With operands that bf16 holds exactly, and sums that fp32 does, nothing is rounded.
TEST(ProductTest, LinearRoundsItsOperandsWhereItIsAskedTo) {
  const auto whole = [](const Shape& shape, Id seed) {
    Tensor numbers = Tensor::empty(shape);
    for (Index i = 0; i < numbers.count(); ++i) {
      numbers.data()[i] = static_cast<float>((i * 7 + seed) % 11 - 5);
    }
    return numbers;
  };
  const auto run = [&](Precision precision, float fraction) {
    Tape tape(Tape::Mode::record, precision);
    const Variable x = variable(whole({2, 19, 37}, 3)), weight = variable(whole({23, 37}, 5));
    const Variable bias = variable(whole({23}, 8));
    x->value.data()[0] += fraction;
    Variable loss;
    // used twice: the second gradient is added to the first
    for (int use = 0; use < 2; ++use) {
      const Variable y = sum(tape, multiply(tape, linear(tape, x, weight, bias),
                                            constant(whole({2, 19, 23}, 2 + use))));
      loss = use == 0 ? y : add(tape, loss, y);
    }
    tape.backward(loss);
    std::vector<float> all;
    for (const Tensor& part : {loss->value, x->gradient, weight->gradient, bias->gradient}) {
      all.insert(all.end(), part.values().begin(), part.values().end());
    }
    return all;
  };
  EXPECT_EQ(run(Precision::bf16, 0), run(Precision::fp32, 0));
  // 2^-9 of the first number is lost
  EXPECT_EQ(run(Precision::bf16, -0x1p-9f), run(Precision::fp32, 0));
  EXPECT_NE(run(Precision::fp32, -0x1p-9f), run(Precision::fp32, 0));
}

TEST(ProductTest, EquationsThatCannotBeReadAreRefused) {
  Tape tape;
  const Variable x = of({2, 3});
  const auto refused = [&](const char* equation, size_t operands = 1) {
    return thrown<ValueError>([&] { einsum(tape, equation, std::vector<Variable>(operands, x)); });
  };
  EXPECT_EQ(refused("ij,jk"), "einsum: ij,jk has 2 terms, expected one for each of 1 operands");
  EXPECT_EQ(refused("i1"), "einsum: i1 cannot be read from 1");
  EXPECT_EQ(refused("ij->i->j"), "einsum: ij->i->j cannot be read from ->j");
  EXPECT_EQ(refused("ij->i,j"), "einsum: ij->i,j cannot be read from ,j");
  EXPECT_EQ(refused("i..j"), "einsum: i..j cannot be read from ..j");
  EXPECT_EQ(refused("......"), "einsum: ...... cannot be read from ...");
  EXPECT_EQ(refused("ij->ik"), "einsum: no operand of ij->ik has the k of the result");
  EXPECT_EQ(refused("ij->ii"), "einsum: the result of ij->ii has i twice");
  EXPECT_EQ(refused("i...->i"), "einsum: the result of i...->i lacks the ... of the operands");

  const auto misfit = [&](const char* equation, const std::vector<Variable>& operands) {
    return thrown<ShapeError>([&] { einsum(tape, equation, operands); });
  };
  EXPECT_EQ(misfit("ijk", {x}), "einsum: operand 0 is (2, 3), expected 3 axes");
  EXPECT_EQ(misfit("ijk...", {x}), "einsum: operand 0 is (2, 3), expected 3 axes or more");
  EXPECT_EQ(misfit("ij,jk", {x, x}), "einsum: operand 1 is (2, 3), expected j = 3");
  EXPECT_EQ(misfit("ii", {x}), "einsum: operand 0 is (2, 3), expected i = 2");
  EXPECT_EQ(misfit("i,i", {of({1}), of({3})}), "einsum: operand 1 is (3), expected i = 1");
  EXPECT_EQ(misfit("...,...", {x, of({2})}),
            "einsum: operand 1 is (2), expected axis 0 of ... = 3");
}

}  // namespace

}  // namespace regard::autograd
