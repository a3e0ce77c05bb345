// SPDX-License-Identifier: MIT
#include "layers/relative_bias.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <utility>

#include "autograd/arithmetic.h"
#include "autograd/arrangement.h"
#include "autograd/product.h"

namespace regard::layers {

namespace {

// So that no number of rows overflows.
constexpr Index largest_radius = Index{1} << 24, largest_window = Index{1} << 12;

// The bucket of a distance from query to key, positive for later keys.
Index bucket(const RelativeOptions& options, Index distance) {
  Index count = options.buckets, begin = 0;
  if (options.bidirectional) {
    count /= 2;
    if (distance > 0) begin = count;
    distance = std::abs(distance);
  } else {
    distance = std::max<Index>(0, -distance);
  }
  const Index exact = count / 2;
  if (distance < exact) return begin + distance;

  // In float, as the models were trained: where a range begins, double rounds to another side.
  const float range = static_cast<float>(
      std::log(static_cast<double>(options.max_distance) / static_cast<double>(exact)));
  const float share = std::log(static_cast<float>(distance) / static_cast<float>(exact)) / range;
  const Index further = static_cast<Index>(share * static_cast<float>(count - exact));
  return begin + std::min(exact + further, count - 1);
}

Index window_row(const RelativeOptions& options, Index i, Index j) {
  const Index down = i / options.width - j / options.width + options.height - 1;
  const Index right = i % options.width - j % options.width + options.width - 1;
  return down * (2 * options.width - 1) + right;
}

}  // namespace

void expect_places(const char* operation, Index L, Index S, Index first) {
  constexpr Index most = Index{1} << 24;
  for (const Index places : {L, S, first}) {
    if (places >= 0 && places <= most) continue;
    throw ValueError(operation, ": ", L, " queries and ", S, " keys from place ", first,
                     " on, expected 0 to ", most, " of each");
  }
}

Index relative_rows(const RelativeOptions& options) {
  switch (options.rows) {
    case RelativeRows::buckets: {
      const Index sides = options.bidirectional ? 2 : 1, exact = options.buckets / sides / 2;
      if (exact < 1 || options.buckets % sides != 0) {
        throw ValueError("relative_bias: ", options.buckets, " buckets, expected ",
                         options.bidirectional ? "an even number from 4 on" : "at least 2");
      }
      if (options.max_distance <= exact) {
        throw ValueError("relative_bias: max_distance is ", options.max_distance,
                         ", expected more than the ", exact, " that have their own bucket");
      }
      return options.buckets;
    }
    case RelativeRows::clipped:
      if (options.radius < 0 || options.radius > largest_radius) {
        throw ValueError("relative_bias: radius is ", options.radius, ", expected 0 to ",
                         largest_radius);
      }
      return 2 * options.radius + 1;
    case RelativeRows::window:
      if (std::min(options.height, options.width) < 1 ||
          std::max(options.height, options.width) > largest_window) {
        throw ValueError("relative_bias: the window is ", options.height, " x ", options.width,
                         ", expected 1 x 1 to ", largest_window, " x ", largest_window);
      }
      return (2 * options.height - 1) * (2 * options.width - 1);
  }
  return 0;
}

autograd::Indices relative_indices(const RelativeOptions& options, Index L, Index S, Index first) {
  expect_places("relative_bias", L, S, first);
  const Index places = options.rows == RelativeRows::window ? options.height * options.width : 0;
  if (options.rows == RelativeRows::window && (first != 0 || L != places || S != places)) {
    throw ValueError("relative_bias: ", L, " queries and ", S, " keys from place ", first,
                     " on, expected ", places, " of both from 0 on, a window's");
  }
  Ids rows;
  rows.reserve(static_cast<size_t>(checked_product(L, S)));
  for (Index i = 0; i < L; ++i) {
    for (Index j = 0; j < S; ++j) {
      const Index distance = j - (first + i);
      const Index row =
          options.rows == RelativeRows::buckets ? bucket(options, distance)
          : options.rows == RelativeRows::window
              ? window_row(options, i, j)
              : std::clamp(distance, -options.radius, options.radius) + options.radius;
      rows.push_back(static_cast<Id>(row));
    }
  }
  return {std::move(rows), {L, S}};
}

RelativeBias::RelativeBias(Index H, const RelativeOptions& options, Initializer& initializer)
    : options_(options), table_(initializer.normal({relative_rows(options), H}, 0.02)) {}

Variable RelativeBias::forward(Pass& pass, Index L, Index S, Index first) const {
  const Variable rows =
      autograd::index_select(pass.tape, table_, relative_indices(options_, L, S, first), 0);
  const Index H = table_->value.size(1);
  return autograd::reshape(pass.tape, autograd::permute(pass.tape, rows, {2, 0, 1}), {1, H, L, S});
}

void RelativeBias::collect(const std::string& prefix, Parameters& parameters) const {
  const bool window = options_.rows == RelativeRows::window;
  parameters.emplace_back(
      under(prefix, window ? "relative_position_bias_table" : "relative_attention_bias.weight"),
      table_);
}

RelativeKeys::RelativeKeys(Index D, const RelativeOptions& options, Initializer& initializer)
    : options_(options), table_(initializer.normal({relative_rows(options), D}, 0.02)) {}

Variable RelativeKeys::forward(Pass& pass, const Variable& queries, Index S, Index first) const {
  const Shape& shape = queries->value.shape();
  const Index D = table_->value.size(1);
  if (shape.rank() != 4 || shape.back() != D) {
    throw ShapeError("relative_keys: queries are ", shape, ", expected (B, H, L, ", D, ")");
  }
  const Index B = shape[0], H = shape[1], L = shape[2];
  const auto rows = relative_indices(options_, L, S, first);
  Ids everywhere;
  for (Index matrix = 0; matrix < B * H; ++matrix) {
    everywhere.insert(everywhere.end(), rows.ids.begin(), rows.ids.end());
  }
  // a product with every row of the table, then for each key the one that is its
  const Variable all = autograd::linear(pass.tape, queries, table_, nullptr);
  const Variable bias =
      autograd::take_along_axis(pass.tape, all, {std::move(everywhere), {B, H, L, S}}, 3);
  const float scale = 1.0f / std::sqrt(static_cast<float>(D));
  return autograd::multiply(pass.tape, bias, autograd::constant(Tensor::full({}, scale)));
}

void RelativeKeys::collect(const std::string& prefix, Parameters& parameters) const {
  parameters.emplace_back(under(prefix, "distance_embedding.weight"), table_);
}

}  // namespace regard::layers
