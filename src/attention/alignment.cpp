// SPDX-License-Identifier: MIT
#include "attention/alignment.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "attention/projection.h"
#include "kernels/additive.h"
#include "kernels/dot.h"
#include "kernels/rows.h"
#include "kernels/softmax.h"
#include "tensor/random.h"

namespace regard::attention {

namespace {

constexpr float infinity = std::numeric_limits<float>::infinity();
constexpr float nan = std::numeric_limits<float>::quiet_NaN();

bool is_local(Alignment alignment) noexcept {
  return alignment == Alignment::local_m || alignment == Alignment::local_p;
}

// The keys first … end - 1 of a row that take part.
struct Span {
  Index first, end;
  Index size() const noexcept { return end - first; }
};

Span span_of(Alignment alignment, const AlignmentOptions& options, float place, Index S) noexcept {
  if (!is_local(alignment)) return {0, S};
  if (std::isnan(place)) return {0, S};
  const double p = place, radius = static_cast<double>(options.radius),
               end = static_cast<double>(S);
  const auto first = static_cast<Index>(std::clamp(std::ceil(p - radius), 0.0, end));
  const auto last = static_cast<Index>(std::clamp(std::floor(p + radius) + 1, 0.0, end));
  return {first, std::max(first, last)};
}

// e^(-(s - p)^2 / (2 sigma^2)), at least e^-2 within the radius.
float gaussian(const AlignmentOptions& options, float place, Index s) noexcept {
  const float sigma = static_cast<float>(options.radius) / 2;
  const float distance = (static_cast<float>(s) - place) / sigma;
  return std::exp(-0.5f * distance * distance);
}

// Where one number is not a number, none of what is visible is.
void fill_visible(const float* masked, float* weights, Index S) noexcept {
  for (Index s = 0; s < S; ++s) weights[s] = masked[s] == -infinity ? 0.0f : nan;
}

void choose(float* weights, Index s, Index S) noexcept {
  std::fill_n(weights, S, 0.0f);
  weights[s] = 1;
}

void largest(const float* masked, float* weights, Index S) noexcept {
  if (std::any_of(masked, masked + S, [](float e) { return std::isnan(e); })) {
    return fill_visible(masked, weights, S);
  }
  const Index first = std::max_element(masked, masked + S) - masked;
  if (first == S || masked[first] == -infinity) {
    std::fill_n(weights, S, 0.0f);
  } else {
    choose(weights, first, S);
  }
}

void sampled(uint64_t seed, const AlignmentRow& row, float* weights, Index S) noexcept {
  for (const Index part : {row.b, row.h, row.l}) {
    seed = derive_seed(seed, static_cast<uint64_t>(part));
  }
  double total = 0;
  for (Index s = 0; s < S; ++s) total += weights[s];
  if (!(total > 0)) return;

  // the key whose share of 0 … total the random number falls into
  const double drawn = Random(seed).uniform() * total;
  double sum = 0;
  Index chosen = 0;
  for (Index s = 0; s < S && sum <= drawn; ++s) {
    if (weights[s] > 0) chosen = s;
    sum += weights[s];
  }
  choose(weights, chosen, S);
}

Index length_of(const AlignmentPlaces& places, Index b, Index l, Index L, Index B, Index S) {
  const auto& lengths = places.lengths;
  if (lengths.empty()) return S;
  const bool by_query = static_cast<Index>(lengths.size()) != B;
  return lengths[static_cast<size_t>(by_query ? b * L + l : b)];
}

void expect_places(const AlignmentPlaces& places, Index B, Index L) {
  const auto expect = [B](const char* what, const std::vector<Index>& entries, Index most) {
    const auto count = static_cast<Index>(entries.size());
    if (count == 0 || count == B || count == most) return;
    throw ValueError("attention: ", what, " has ", count, " entries, expected one for each of the ",
                     B, " batches");
  };
  expect("first", places.first, B);
  expect("lengths", places.lengths, B * L);
}

float sigmoid(float u) noexcept { return 1.0f / (1.0f + std::exp(-u)); }

// u = v_pᵀ tanh(hidden), hidden = W_p q; a place is length sigmoid(u). As a score it is that of a
// query and a key of zeros.
struct Predictor {
  Predictor(const Tensor& q, const AlignmentOptions& options)
      : M(options.position_vector.count()),
        weight(projection_of(options.position_weight, M)),
        vector(options.position_vector),
        hidden(project(q, weight)),
        zeros(Tensor::zeros({M})) {}

  kernels::AdditiveOperands operands(Index row) const noexcept {
    return {hidden.data() + row * M, zeros.data(), vector.data()};
  }
  float share(Index row) const noexcept {
    return sigmoid(kernels::additive_score(operands(row), M));
  }

  Index M;
  Projection weight;
  Tensor vector, hidden, zeros;
};

}  // namespace

void expect_alignment(Alignment alignment, const AlignmentOptions& options, Index D) {
  const bool local = is_local(alignment), predicts = alignment == Alignment::local_p;
  const Index least = predicts ? 1 : 0;
  if (local ? options.radius < least : options.radius != 0) {
    throw ValueError("attention: alignment_options.radius is ", options.radius, ", expected ",
                     least, local ? " or more" : ", since the alignment is not local");
  }
  const Tensor& weight = options.position_weight;
  const Tensor& vector = options.position_vector;
  if (weight.defined() != predicts || vector.defined() != predicts) {
    throw ValueError("attention: alignment_options.position_weight and .position_vector are ",
                     predicts ? "missing, local_p needs both" : "given, only local_p uses them");
  }
  if (!predicts) return;
  expect_shape("attention", "alignment_options.position_weight", weight.shape(),
               {vector.count(), D});
  expect_shape("attention", "alignment_options.position_vector", vector.shape(), {vector.count()});
}

void expect_differentiable(Alignment alignment) {
  if (alignment != Alignment::hard && alignment != Alignment::hard_sampled) return;
  throw ValueError("attention: a hard alignment is a choice, which has no gradient");
}

Tensor places_of(const Tensor& q, Index S, Alignment alignment, const AlignmentOptions& options,
                 const AlignmentPlaces& places) {
  const Index B = q.size(0), H = q.size(1), L = q.size(2);
  if (alignment == Alignment::local_p) {
    const Predictor predictor(q, options);
    Tensor result = Tensor::empty({B, H, L});
    for (Index row = 0; row < B * H * L; ++row) {
      const Index length = length_of(places, row / (H * L), row % L, L, B, S);
      result.data()[row] = static_cast<float>(length) * predictor.share(row);
    }
    return result;
  }
  if (alignment != Alignment::local_m) return {};
  Tensor result = Tensor::empty({B, H, L});
  for (Index row = 0; row < B * H * L; ++row) {
    const auto b = static_cast<size_t>(row / (H * L));
    result.data()[row] = static_cast<float>((places.first.empty() ? 0 : places.first[b]) + row % L);
  }
  return result;
}

AlignmentGradients places_backward(const Tensor& dplaces, const Tensor& q, Index S,
                                   Alignment alignment, const AlignmentOptions& options,
                                   const AlignmentPlaces& places) {
  if (alignment != Alignment::local_p) return {};
  const Index B = q.size(0), H = q.size(1), L = q.size(2);
  const Predictor predictor(q, options);
  Tensor dhidden = Tensor::zeros({B, H, L, predictor.M});
  Tensor dvector = Tensor::zeros({predictor.M});
  for (Index row = 0; row < B * H * L; ++row) {
    const float dplace = dplaces.data()[row];
    if (dplace == 0) continue;
    // place = length sigmoid(u)
    const Index length = length_of(places, row / (H * L), row % L, L, B, S);
    const float share = predictor.share(row);
    const float du = dplace * static_cast<float>(length) * share * (1 - share);
    float* const inner = dhidden.data() + row * predictor.M;
    kernels::additive_score_backward(du, predictor.operands(row), {inner, inner, dvector.data()},
                                     predictor.M);
  }
  return {.q = project_backward(dhidden, predictor.weight, q.shape()),
          .position_weight = projection_gradient(dhidden, q),
          .position_vector = dvector};
}

void align_row(Alignment alignment, const AlignmentOptions& options, const AlignmentRow& row,
               const float* masked, float* weights, Index S) noexcept {
  if (alignment == Alignment::hard) return largest(masked, weights, S);
  if (is_local(alignment) && std::isnan(row.place)) return fill_visible(masked, weights, S);

  const auto [first, end] = span_of(alignment, options, row.place, S);
  kernels::softmax_row(masked + first, weights + first, end - first);
  std::fill(weights, weights + first, 0.0f);
  std::fill(weights + end, weights + S, 0.0f);
  if (alignment == Alignment::hard_sampled) sampled(options.seed, row, weights, S);
  if (alignment == Alignment::local_p) {
    for (Index s = first; s < end; ++s) weights[s] *= gaussian(options, row.place, s);
  }
}

float align_row_backward(Alignment alignment, const AlignmentOptions& options,
                         const AlignmentRow& row, const float* weights, const float* dweights,
                         float* dmasked, Index S) noexcept {
  // what has no weight takes no part, whatever arrives there; nor does what nothing arrives at
  for (Index s = 0; s < S; ++s) dmasked[s] = weights[s] == 0 ? 0.0f : dweights[s];
  float total = kernels::dot(weights, dmasked, S);
  if (std::isnan(total)) {
    total = 0;
    for (Index s = 0; s < S; ++s) total += dmasked[s] == 0 ? 0.0f : weights[s] * dmasked[s];
  }
  const auto idle = [&](Index s) { return weights[s] == 0 || (dmasked[s] == 0 && total == 0); };

  if (alignment != Alignment::local_p) {
    // w = softmax(e), so de = w (dw - sum(w dw))
    for (Index s = 0; s < S; ++s) dmasked[s] = idle(s) ? 0.0f : weights[s] * (dmasked[s] - total);
    return 0;
  }

  // w = softmax(e) g, so de = softmax(e) (dw g - sum(softmax(e) dw g)) = w (dw - sum(w dw) / g);
  // g = e^(-(s - p)^2 / (2 sigma^2)), so dp = sum(dw w (s - p) / sigma^2)
  const float sigma = static_cast<float>(options.radius) / 2;
  float dplace = 0;
  for (Index s = 0; s < S; ++s) {
    if (idle(s)) {
      dmasked[s] = 0;
      continue;
    }
    const float arriving = dmasked[s], distance = static_cast<float>(s) - row.place;
    if (arriving != 0) dplace += arriving * weights[s] * distance / (sigma * sigma);
    dmasked[s] = weights[s] * (arriving - total / gaussian(options, row.place, s));
  }
  return dplace;
}

Tensor align(const Tensor& masked, const Tensor& q, Alignment alignment,
             const AlignmentOptions& options, const AlignmentPlaces& places) {
  const Index H = q.size(1), L = q.size(2), S = masked.size(-1);
  expect_alignment(alignment, options, q.size(-1));
  expect_places(places, q.size(0), L);
  expect_shape("attention", "tensor of masked scores", masked.shape(), {q.size(0), H, L, S});
  const Tensor stands = places_of(q, S, alignment, options, places);
  Tensor weights = Tensor::empty(masked.shape());
  float* const out = weights.data();
  kernels::for_rows(masked.shape().rows(), 10 * S, [&](Index begin, Index end) {
    for (Index i = begin; i < end; ++i) {
      const AlignmentRow row{i / (H * L), i / L % H, i % L,
                             stands.defined() ? stands.data()[i] : 0.0f};
      align_row(alignment, options, row, masked.data() + i * S, out + i * S, S);
    }
  });
  return weights;
}

AlignmentGradients align_backward(const Tensor& dweights, const Tensor& weights, const Tensor& q,
                                  Alignment alignment, const AlignmentOptions& options,
                                  const AlignmentPlaces& places) {
  const Index H = q.size(1), L = q.size(2), S = weights.size(-1);
  expect_differentiable(alignment);
  expect_alignment(alignment, options, q.size(-1));
  expect_places(places, q.size(0), L);
  expect_shape("attention", "tensor of weights", weights.shape(), {q.size(0), H, L, S});
  expect_shape("attention", "gradient of the weights", dweights.shape(), weights.shape());
  const Tensor stands = places_of(q, S, alignment, options, places);
  Tensor dmasked = Tensor::empty(weights.shape());
  Tensor dplaces = Tensor::empty({q.size(0), H, L});
  float* const out = dmasked.data();
  float* const dplace = dplaces.data();
  kernels::for_rows(weights.shape().rows(), 4 * S, [&](Index begin, Index end) {
    for (Index i = begin; i < end; ++i) {
      const AlignmentRow row{i / (H * L), i / L % H, i % L,
                             stands.defined() ? stands.data()[i] : 0.0f};
      dplace[i] = align_row_backward(alignment, options, row, weights.data() + i * S,
                                     dweights.data() + i * S, out + i * S, S);
    }
  });
  AlignmentGradients result = places_backward(dplaces, q, S, alignment, options, places);
  result.masked = dmasked;
  return result;
}

}  // namespace regard::attention
