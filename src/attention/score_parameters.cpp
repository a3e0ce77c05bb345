// SPDX-License-Identifier: MIT
// What a score may be told: the part of scores.h that comes before any work.
#include <algorithm>
#include <cmath>

#include "attention/scores.h"

namespace regard::attention {

namespace {

enum class Use { no, may, must };

struct Uses {
  Use query, key, vector;
};

constexpr Uses uses(Score score) noexcept {
  switch (score) {
    case Score::general:
    case Score::location:
      return {Use::must, Use::no, Use::no};
    case Score::concat:
      return {Use::must, Use::no, Use::must};
    case Score::additive:
      return {Use::may, Use::may, Use::must};
    default:
      return {Use::no, Use::no, Use::no};
  }
}

constexpr const char* name(Score score) noexcept {
  constexpr const char* names[] = {"scaled_dot", "dot",    "general", "concat",
                                   "additive",   "cosine", "location"};
  return names[static_cast<size_t>(score)];
}

void expect_use(Score score, const char* parameter, Use use, const Tensor& given) {
  if (use == Use::may || (use == Use::must) == given.defined()) return;
  throw ValueError("attention: the score ", name(score),
                   use == Use::must ? " needs " : " does not use ", parameter);
}

void expect_parameter(const char* parameter, const Tensor& given, const Shape& expected) {
  if (given.defined()) expect_shape("attention", parameter, given.shape(), expected);
}

// Without a projection the operand itself is added.
void expect_width(const char* operand, const Tensor& projection, Index width, Index M) {
  if (projection.defined() || width == M) return;
  throw ShapeError("attention: ", operand, " are ", width, " wide, expected ", M,
                   ", the size of score_parameters.vector, since nothing projects them");
}

constexpr const char* query_name = "score_parameters.query";
constexpr const char* key_name = "score_parameters.key";
constexpr const char* vector_name = "score_parameters.vector";

}  // namespace

float default_scale(Score score, Index D) noexcept {
  return score == Score::scaled_dot ? 1.0f / std::sqrt(static_cast<float>(std::max<Index>(D, 1)))
                                    : 1.0f;
}

void expect_score(Score score, const ScoreParameters& parameters, const Shape& q, const Shape& k) {
  if (q.rank() != 4 || k.rank() != 4) {
    throw ShapeError("attention: queries are ", q, " and keys ", k,
                     ", expected (B, H, L, D) and (B, kv heads, S, Dk)");
  }
  if (k[1] < 1 || q[1] % k[1] != 0) {
    throw ShapeError("attention: keys are ", k, ", their heads do not divide the ", q[1],
                     " of the queries");
  }
  const bool product = score == Score::scaled_dot || score == Score::dot || score == Score::cosine;
  const Shape expected{q[0], k[1], k[2], product ? q[3] : k[3]};
  if (k != expected) throw ShapeError("attention: keys are ", k, ", expected ", expected);

  const auto& [query, key, vector] = parameters;
  expect_use(score, query_name, uses(score).query, query);
  expect_use(score, key_name, uses(score).key, key);
  expect_use(score, vector_name, uses(score).vector, vector);
  const Index S = k[2], D = q[3], Dk = k[3];
  if (vector.defined()) expect_parameter(vector_name, vector, {vector.count()});
  const Index M = vector.defined() ? vector.count() : 0;
  if (score == Score::general) expect_parameter(query_name, query, {D, Dk});
  if (score == Score::concat) expect_parameter(query_name, query, {M, D + Dk});
  if (score == Score::additive) {
    expect_parameter(query_name, query, {M, D});
    expect_parameter(key_name, key, {M, Dk});
    expect_width("queries", query, D, M);
    expect_width("keys", key, Dk, M);
  }
  if (score == Score::location) {
    const Index places = query.shape().rank() == 2 ? std::max(query.size(0), S) : S;
    expect_parameter(query_name, query, {places, D});
  }
}

}  // namespace regard::attention
