// SPDX-License-Identifier: MIT
// What the reference answers to a problem of the sweep, in a number type of choice.
#pragma once

#include "attention/sweep_problem.h"
#include "reference/attention.h"

namespace regard::attention::sweep {

/// The operands' numbers as the engine has them; empty where there are none.
template <class Number>
using Numbers = std::array<reference::Vector<Number>, operand_count>;

/// Every step of all heads, (B, H, L, T) each; the output as the engine lays it out.
template <class Number>
struct Answer {
  reference::Vector<Number> raw, capped, masked, weights, output;
};

/// What the reference is told because it cannot know it.
struct Chance {
  std::vector<bool> kept{};    ///< (B, H, L, T) the weights that dropout leaves; empty = all
  std::vector<Index> drawn{};  ///< (B, H, L) the keys that hard_sampled drew, or -1
  bool weights_asked = true;   ///< torch_mha's empty rows depend on it
};

template <class Number>
Numbers<Number> numbers_of(const std::array<Tensor, operand_count>& operands) {
  Numbers<Number> result;
  for (size_t i = 0; i < operand_count; ++i) {
    if (!operands[i].defined()) continue;
    for (const float x : operands[i].values()) result[i].push_back(static_cast<double>(x));
  }
  return result;
}

/// One head of queries, keys or values, those of the past first.
template <class Number>
reference::Matrix<Number> head_of(const Problem& p, const Numbers<Number>& x, Operand operand,
                                  Index b, Index h) {
  const Sizes& z = p.sizes();
  const Index rows = operand == queries ? z.L : z.S;
  const Index width = operand == queries ? z.D : operand == keys ? z.Dk : z.Dv;
  reference::Matrix<Number> now(rows, width);
  for (Index i = 0; i < rows; ++i) {
    for (Index d = 0; d < width; ++d) {
      now(i, d) = x[operand][static_cast<size_t>(p.place(operand, b, h, i, d))];
    }
  }
  if (operand == queries || z.P == 0) return now;
  const reference::Vector<Number>& all = x[operand == keys ? past_keys : past_values];
  const auto begin = all.begin() + (b * z.key_heads + h) * z.P * width;
  return reference::joined(reference::Matrix<Number>(z.P, width, {begin, begin + z.P * width}),
                           now);
}

/// The score of the problem as a function of one head's queries and keys.
template <class Number>
auto score_of(const Problem& p, const Numbers<Number>& x) {
  using reference::Matrix;
  return [&p, &x](const Matrix<Number>& q, const Matrix<Number>& k) -> Matrix<Number> {
    const Sizes& z = p.sizes();
    const auto matrix = [&](Operand operand, Index columns) {
      const Index count = static_cast<Index>(x[operand].size());
      return Matrix<Number>(count / columns, columns, x[operand]);
    };
    switch (p.configuration()[score]) {
      case static_cast<int>(Score::general):
        return reference::general_scores(q, k, matrix(score_query, z.Dk));
      case static_cast<int>(Score::concat):
        return reference::concat_scores(q, k, matrix(score_query, z.D + z.Dk), x[score_vector]);
      case static_cast<int>(Score::additive):
        return reference::additive_scores(q, k, matrix(score_query, z.D), matrix(score_key, z.Dk),
                                          x[score_vector]);
      case additive_without_projections:
        return reference::tanh_scores(q, k, x[score_vector]);
      case static_cast<int>(Score::cosine):
        return reference::cosine_scores(q, k);
      case static_cast<int>(Score::location):
        return reference::location_scores(q, k.rows(), matrix(score_query, z.D));
      default:
        return reference::dot_scores(q, k);
    }
  };
}

/// The places (L) that local_p predicts in one head, of S = 1 key: times the number of keys.
template <class Number>
reference::Vector<Number> places_of(const Problem& p, const Numbers<Number>& x,
                                    const reference::Matrix<Number>& q) {
  if (p.options().alignment != Alignment::local_p) return {};
  const reference::Matrix<Number> weight(p.sizes().M, p.sizes().D, x[position_weight]);
  return reference::predicted_places(q, 1.0, weight, x[position_vector]);
}

/// What the reference is told about head h of batch b.
template <class Number>
reference::HeadOptions<Number> options_of(const Problem& p, const Numbers<Number>& x,
                                          const Chance& chance, Index b, Index h,
                                          const reference::Matrix<Number>& q) {
  using reference::Vector;
  const Sizes& z = p.sizes();
  const AttentionOptions& told = p.options();
  reference::HeadOptions<Number> head;
  head.score = score_of(p, x);
  head.scale = p.scale_factor();
  head.softcap = static_cast<double>(told.softcap);
  if (!x[bias_operand].empty()) {
    head.bias = reference::Matrix<Number>(z.L, z.T());
    for (Index l = 0; l < z.L; ++l) {
      for (Index s = 0; s < z.T(); ++s) {
        const auto at = static_cast<size_t>(p.bias_spread().at(b, h, l, s));
        if (s < p.bias_spread().keys) (*head.bias)(l, s) = x[bias_operand][at];
      }
    }
  }
  head.sees = [&p, b, h](Index l, Index s) { return p.sees(b, h, l, s); };
  head.mask_value = p.score_of_hidden();
  head.adds_mask_value = p.adds_to_hidden();
  constexpr reference::EmptyRow rows[] = {reference::EmptyRow::zeros, reference::EmptyRow::zeros,
                                          reference::EmptyRow::nan, reference::EmptyRow::softmax};
  head.empty_row = rows[p.row_of_nothing(chance.weights_asked)];
  if (!told.query_lengths.empty()) head.query_length = told.query_lengths[static_cast<size_t>(b)];

  const Index radius = told.alignment_options.radius, first = (b * z.H + h) * z.L;
  switch (told.alignment) {
    case Alignment::softmax:
      break;
    case Alignment::hard:
      head.align = [](Index, const Vector<Number>& scores) { return reference::hard(scores); };
      break;
    case Alignment::hard_sampled:
      head.align = [&chance, first](Index l, const Vector<Number>& scores) {
        Vector<Number> weights(scores.size());
        const Index s = chance.drawn[static_cast<size_t>(first + l)];
        if (s >= 0) weights[static_cast<size_t>(s)] = 1.0;
        return weights;
      };
      break;
    case Alignment::local_m:
      head.align = [&p, b, radius](Index l, const Vector<Number>& scores) {
        return reference::windowed_softmax(scores, static_cast<double>(l + p.origin_of(b)), radius);
      };
      break;
    case Alignment::local_p:
      head.align = [&p, b, radius, places = places_of(p, x, q)](Index l,
                                                                const Vector<Number>& scores) {
        const Number place =
            static_cast<double>(p.length_of(b, l)) * places[static_cast<size_t>(l)];
        return reference::gaussian_softmax(scores, place, reference::value_of(place), radius);
      };
      break;
  }
  if (!chance.kept.empty()) {
    const auto begin = chance.kept.begin() + first * z.T();
    head.kept.assign(begin, begin + z.L * z.T());
    head.dropout = static_cast<double>(told.dropout);
  }
  return head;
}

template <class Number>
Answer<Number> answer(const Problem& p, const Numbers<Number>& x, const Chance& chance) {
  const Sizes& z = p.sizes();
  Answer<Number> all;
  all.output.resize(static_cast<size_t>(z.B * z.H * z.L * z.Dv));
  const auto append = [](reference::Vector<Number>& to, const reference::Matrix<Number>& from) {
    to.insert(to.end(), from.values().begin(), from.values().end());
  };
  for (Index b = 0; b < z.B; ++b) {
    for (Index h = 0; h < z.H; ++h) {
      const Index g = reference::key_head(h, z.H, z.key_heads);
      const auto q = head_of(p, x, queries, b, h);
      const auto steps =
          reference::attention_steps(q, head_of(p, x, keys, b, g), head_of(p, x, values, b, g),
                                     options_of(p, x, chance, b, h, q));
      append(all.raw, steps.raw);
      append(all.capped, steps.capped);
      append(all.masked, steps.masked);
      append(all.weights, steps.weights);
      for (Index l = 0; l < z.L; ++l) {
        for (Index d = 0; d < z.Dv; ++d) {
          all.output[static_cast<size_t>(p.output_place(b, h, l, d))] = steps.output(l, d);
        }
      }
    }
  }
  return all;
}

}  // namespace regard::attention::sweep
