// SPDX-License-Identifier: MIT
#include "attention/sweep_problem.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "kernels/simd.h"

namespace regard::attention::sweep {

namespace {

Index pick(Random& random, std::initializer_list<Index> choices) {
  return choices.begin()[random.below(choices.size())];
}

}  // namespace

Problem::Problem(const Configuration& configuration, uint64_t seed, Index few)
    : configuration_(configuration),
      random_(seed),
      rules_(rules_of(static_cast<ConventionName>(configuration[convention]))) {
  options_.convention = static_cast<ConventionName>(configuration[convention]);
  draw_sizes(few);
  draw_operands();
  draw_score();
  draw_visibility();

  const Configuration& c = configuration_;
  if (c[scale] != default_scale) {
    options_.scale = (c[scale] == negative_scale ? -1.0f : 1.0f) *
                     (0.5f + static_cast<float>(random_.uniform())) /
                     static_cast<float>(c[score] == 0 ? std::sqrt(sizes_.D) : 1.0);
  }
  if (c[softcap]) options_.softcap = 1.0f + 3.0f * static_cast<float>(random_.uniform());
  if (c[dropout]) options_.dropout = 0.25f;
  options_.seed = random_.bits();
  options_.weights = c[returned] == weights_too || c[returned] == everything;
  options_.raw = c[returned] == raw_too || c[returned] == everything;
  options_.capped = c[returned] == capped_too || c[returned] == everything;
  options_.masked = c[returned] == masked_too || c[returned] == everything;

  const auto& [B, H, key_heads, L, P, S, D, Dk, Dv, M] = sizes_;
  for (Index b = 0; b < B; ++b) {
    for (Index h = 0; h < H; ++h) {
      for (Index l = 0; l < L; ++l) {
        Index seen = 0;
        for (Index s = 0; s < sizes_.T(); ++s) {
          sees_.push_back(find_sees(b, h, l, s));
          seen += sees_.back();
        }
        seen_.push_back(seen);
      }
    }
  }

  // a key for each head that some of its queries use and some do not, if there is one
  for (Index b = 0; b < B; ++b) {
    for (Index g = 0; g < key_heads; ++g) {
      Index found = -1;
      for (Index s = 0; s < sizes_.T() && found < 0; ++s) {
        Index users = 0;
        const Index group = H / key_heads;
        for (Index h = g * group; h < (g + 1) * group; ++h) {
          for (Index l = 0; l < L; ++l) users += uses(b, h, l, s);
        }
        if (users > 0 && users <= group * L / 2) found = s;
      }
      poisoned_key_.push_back(found);
    }
  }
}

Tensor Problem::numbers(const Shape& shape, double deviation) {
  Tensor x = Tensor::empty(shape);
  for (float& value : x.values()) value = static_cast<float>(deviation * random_.normal());
  return x;
}

// --- Sizes ---

void Problem::draw_sizes(Index most) {
  const Configuration& c = configuration_;
  constexpr Index w = simd::width;
  has_batch_ = c[form] == BL_D || c[form] == BHLD || c[form] == BLHD || c[form] == BL_HD;
  has_heads_ = c[form] != L_D && c[form] != BL_D;

  const auto few_of = [&] { return between(random_, 1, most); };
  const auto one_or = [&](std::initializer_list<Index> edges) {
    return random_.uniform() < 0.5 ? pick(random_, edges) : few_of();
  };
  Index L = few_of(), S = few_of(), D = few_of(), Dv = few_of();
  switch (c[size]) {
    case around_registers:
      for (Index* x : {&L, &S, &D, &Dv}) *x = one_or({w - 1, w, w + 1, 2 * w - 1, 2 * w + 1});
      break;
    case around_tiles:  // of matmul's panels and rows, and of queries where no weights are kept
      for (Index* x : {&L, &S}) *x = one_or({31, 32, 33, 47, 48, 49, 63, 64, 65});
      for (Index* x : {&D, &Dv}) *x = one_or({31, 33, 63, 64, 65});
      break;
    case around_blocks:
      (random_.uniform() < 0.5 ? L : S) = pick(random_, {95, 96, 97, 127, 128, 129});
      break;
    case around_depths: {  // of matmul, and of keys where no weights are kept
      Index* axes[] = {&L, &S, &S, &D, &Dv};
      Index* axis = axes[random_.below(5)];
      *axis = axis == &S ? pick(random_, {255, 256, 257, 511, 512, 513})
                         : pick(random_, {255, 256, 257});
      break;
    }
    default:
      break;
  }

  Sizes& s = sizes_;
  const bool large = c[size] >= around_blocks;
  if (has_batch_) s.B = between(random_, 1, large ? 2 : 3);
  const bool two = large;
  switch (c[heads]) {
    case several_heads:
      s.H = s.key_heads = two ? 2 : 3;
      break;
    case grouped_heads:
      s.H = 4;
      s.key_heads = 2;
      break;
    case one_key_head:
      s.H = two ? 2 : 3;
      break;
    default:
      break;
  }
  s.L = L;
  s.S = S;
  s.D = s.Dk = s.Dv = D;
  s.M = between(random_, 1, std::min<Index>(most, 6));
  if (c[past]) s.P = between(random_, 1, std::min<Index>(most, 6));
  if (c[widths] == value_width) s.Dv = Dv == D ? D + 1 : Dv;
  if (c[widths] == key_width) s.Dk = D > 1 && random_.uniform() < 0.5 ? D - 1 : D + 2;
  if (c[score] == additive_without_projections) s.M = D;
  if (c[mask] == short_mask || c[bias] == short_bias) s.S = std::max<Index>(s.S, 3);
  // refused otherwise: plain causal could begin at either end
  const bool ambiguous = rules_.origin == unstated && c[origin] == unstated;
  if (ambiguous && (c[causal] || c[window])) s.L = s.S;
}

// --- Queries, keys, values ---

Shape Problem::shape_of(Index heads_of, Index rows, Index width) const {
  const Index B = sizes_.B;
  switch (configuration_[form]) {
    case L_D:
      return {rows, width};
    case BL_D:
      return {B, rows, width};
    case BHLD:
      return {B, heads_of, rows, width};
    case BLHD:
      return {B, rows, heads_of, width};
    case LHD:
      return {rows, heads_of, width};
    case L_HD:
      return {rows, heads_of * width};
    default:
      return {B, rows, heads_of * width};
  }
}

Index Problem::place(Index heads_of, Index rows, Index width, Index b, Index h, Index row,
                     Index d) const {
  if (configuration_[form] == L_D || configuration_[form] == BL_D || configuration_[form] == BHLD) {
    return ((b * heads_of + h) * rows + row) * width + d;
  }
  return ((b * rows + row) * heads_of + h) * width + d;
}

Index Problem::place(Operand operand, Index b, Index h, Index row, Index d) const {
  const Sizes& s = sizes_;
  if (operand == queries) return place(s.H, s.L, s.D, b, h, row, d);
  return place(s.key_heads, s.S, operand == keys ? s.Dk : s.Dv, b, h, row, d);
}

Index Problem::output_place(Index b, Index h, Index l, Index d) const {
  return place(sizes_.H, sizes_.L, sizes_.Dv, b, h, l, d);
}

void Problem::draw_operands() {
  const Sizes& s = sizes_;
  const int kind = configuration_[form];
  const bool split = kind == L_HD || kind == BL_HD;
  if (split) {
    options_.heads = s.H;
    options_.kv_heads = s.key_heads == s.H && random_.uniform() < 0.5 ? 0 : s.key_heads;
  } else {
    const bool blhd = kind == BLHD || kind == LHD;
    if (blhd != rules_.blhd || random_.uniform() < 0.5) {
      options_.layout = blhd ? Layout::blhd : Layout::bhld;
    }
  }
  // so that most scores stay below 4 whatever the score is
  const double deviation = configuration_[score] == 0 ? 1.0 : 1.0 / std::sqrt(s.D);
  operands_[queries] = numbers(shape_of(s.H, s.L, s.D), deviation);
  operands_[keys] = numbers(shape_of(s.key_heads, s.S, s.Dk), 1);
  operands_[values] = numbers(shape_of(s.key_heads, s.S, s.Dv), 1);
  if (configuration_[past]) {
    operands_[past_keys] = numbers({s.B, s.key_heads, s.P, s.Dk}, 1);
    operands_[past_values] = numbers({s.B, s.key_heads, s.P, s.Dv}, 1);
  }
}

void Problem::draw_score() {
  const Sizes& s = sizes_;
  const auto narrow = [](Index width) { return 1.0 / std::sqrt(static_cast<double>(width)); };
  options_.score = configuration_[score] == additive_without_projections
                       ? Score::additive
                       : static_cast<Score>(configuration_[score]);
  switch (configuration_[score]) {
    case static_cast<int>(Score::general):
      operands_[score_query] = numbers({s.D, s.Dk}, narrow(s.Dk));
      break;
    case static_cast<int>(Score::concat):
      operands_[score_query] = numbers({s.M, s.D + s.Dk}, narrow(s.Dk));
      operands_[score_vector] = numbers({s.M}, 1);
      break;
    case static_cast<int>(Score::additive):
      operands_[score_query] = numbers({s.M, s.D}, narrow(s.D));
      operands_[score_key] = numbers({s.M, s.Dk}, narrow(s.Dk));
      operands_[score_vector] = numbers({s.M}, 1);
      break;
    case additive_without_projections:
      operands_[score_vector] = numbers({s.M}, narrow(s.M));
      break;
    case static_cast<int>(Score::location):
      operands_[score_query] = numbers({s.T() + between(random_, 0, 2), s.D}, 1);
      break;
    default:
      break;
  }
  options_.alignment = static_cast<Alignment>(configuration_[alignment]);
  AlignmentOptions& align = options_.alignment_options;
  switch (options_.alignment) {
    case Alignment::hard_sampled:
      align.seed = random_.bits();
      break;
    case Alignment::local_m:
      align.radius = between(random_, 0, 4);
      break;
    case Alignment::local_p:
      align.radius = between(random_, 1, 5);
      operands_[position_weight] = numbers({s.M, s.D}, narrow(s.D));
      operands_[position_vector] = numbers({s.M}, 1);
      break;
    default:
      break;
  }
}

double Problem::scale_factor() const {
  if (options_.scale) return static_cast<double>(*options_.scale);
  if (options_.score != Score::scaled_dot) return 1.0;
  return 1.0 / std::sqrt(static_cast<double>(sizes_.D));
}

// --- Calls ---

AttentionOptions Problem::asking_for_nothing() const {
  AttentionOptions asking = options_;
  asking.raw = asking.capped = asking.masked = asking.weights = false;
  const bool dot = asking.score == Score::scaled_dot || asking.score == Score::dot;
  const bool tiles = dot && asking.alignment == Alignment::softmax && asking.edits.empty();
  if (tiles) asking.form = Form::tiled;
  return asking;
}

AttentionOptions Problem::asking_for_everything() const {
  AttentionOptions asking = options_;
  asking.raw = asking.capped = asking.masked = asking.weights = true;
  return asking;
}

Attention Problem::attention_of(const std::array<Tensor, operand_count>& x,
                                AttentionOptions asking) const {
  asking.bias = x[bias_operand];
  asking.past_key = x[past_keys];
  asking.past_value = x[past_values];
  asking.score_parameters = {x[score_query], x[score_key], x[score_vector]};
  asking.alignment_options.position_weight = x[position_weight];
  asking.alignment_options.position_vector = x[position_vector];
  return attention(x[queries], x[keys], x[values], asking);
}

std::string Problem::to_string() const {
  const auto& [B, H, key_heads, L, P, S, D, Dk, Dv, M] = sizes_;
  std::string text = configuration_.to_string() + "; B H G L P S D Dk Dv =";
  for (const Index n : {B, H, key_heads, L, P, S, D, Dk, Dv}) text += " " + std::to_string(n);
  return text;
}

}  // namespace regard::attention::sweep
