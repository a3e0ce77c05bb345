// SPDX-License-Identifier: MIT
// The gradients of 420 small attentions, of all their operands and from all that they return,
// against dual numbers; keys and values that no query uses hold other numbers, NaN and infinities.
// Of 100 large ones, with and without weights kept, the derivatives along a direction for each
// operand.
#include <gtest/gtest.h>

#include <cmath>

#include "attention/sweep_oracle.h"
#include "attention/sweep_report.h"
#include "autograd/attention.h"
#include "autograd/operations.h"
#include "kernels/dropout.h"
#include "kernels/simd.h"
#include "reference/rounded.h"
#include "support/gradient.h"

namespace regard::attention {
namespace {

using namespace sweep;
using autograd::AttentionInputs;
using autograd::AttentionVariables;
using autograd::Tape;
using autograd::Variable;
using reference::Dual;
using reference::Vector;

constexpr Index configurations = 420;
constexpr Index large_configurations = 100;
constexpr Index occurrences = 20;

// A gradient is a sum of some hundred products of numbers of the size of the largest gradient or
// less, each rounded at 6e-8, and of weights that are off by ten roundings.
constexpr double tolerance = 1e-5;

/// The gradients that arrive at what an attention returns; empty where nothing does.
struct Arriving {
  Vector<double> raw, capped, masked, weights, output, present_key, present_value;
};

class GradientCheck {
 public:
  explicit GradientCheck(const Problem& problem) : p_(problem), z_(problem.sizes()) {
    const auto count = static_cast<size_t>(z_.B * z_.H * z_.L * z_.T());
    const float p = p_.options().dropout;
    if (p > 0) {
      std::vector<float> ones(count, 1.0f);
      kernels::dropout(ones.data(), ones.data(), static_cast<Index>(count), p, p_.options().seed);
      for (const float kept : ones) chance_.kept.push_back(kept != 0);
    }
    chance_.weights_asked = p_.options().weights;
    draw_arriving(count);
  }

  /// Every single derivative.
  Tally run() {
    const std::vector<double> expected = exact();
    // without weights in the form that keeps none, if that can
    const bool alone = p_.configuration()[returned] == output_alone;
    const auto inputs = differentiated(alone ? p_.asking_for_nothing() : p_.options());
    double largest = 0.1;
    for (const double x : expected) largest = std::max(largest, std::abs(x));

    size_t at = 0;
    for (size_t i = 0; i < operand_count; ++i) {
      if (!inputs[i]) continue;
      for (Index j = 0; j < inputs[i]->value.count(); ++j, ++at) {
        const float actual = inputs[i]->gradient.defined() ? inputs[i]->gradient.data()[j] : 0.0f;
        const double distance = std::abs(static_cast<double>(actual) - expected[at]);
        ++tally_.numbers;
        tally_.largest_error = std::max(tally_.largest_error, distance / largest);
        tally_.largest_share = tally_.largest_error / tolerance;
        if (distance <= tolerance * largest || ++failures_ > 2) continue;
        ADD_FAILURE() << "gradient " << j << " of operand " << i << " is " << actual
                      << ", expected " << expected[at];
      }
    }
    tally_.configurations = 1;
    return tally_;
  }

  /// The derivative along one random direction of each operand: by dual numbers, and as the
  /// gradient times the direction.
  Tally run_along_directions(const AttentionOptions& asking) {
    const Numbers<double> point = numbers_of<double>(p_.operands());
    const std::array<Variable, operand_count> inputs = differentiated(asking);
    // a derivative may be 0 as a sum of terms that are not: these are of the longest's size
    double length = 0.1;
    for (const Variable& input : inputs) {
      if (!input || !input->gradient.defined()) continue;
      double squares = 0.0;
      for (const float x : input->gradient.values()) squares += static_cast<double>(x * x);
      length = std::max(length, std::sqrt(squares));
    }
    Random random(p_.options().seed + 1);
    for (size_t i = 0; i < operand_count; ++i) {
      if (point[i].empty()) continue;
      Numbers<Dual> x;
      for (size_t j = 0; j < operand_count; ++j) x[j].assign(point[j].begin(), point[j].end());
      double actual = 0.0;
      for (size_t j = 0; j < x[i].size(); ++j) {
        const double direction = random.normal();
        x[i][j].derivative = direction;
        const Tensor& gradient = inputs[i]->gradient;
        const auto slope = gradient.defined() ? static_cast<double>(gradient.data()[j]) : 0.0;
        actual += slope * direction;
      }
      const double expected = loss(x).derivative;
      const double distance = std::abs(actual - expected);
      ++tally_.numbers;
      tally_.largest_error = std::max(tally_.largest_error, distance / length);
      tally_.largest_share = tally_.largest_error / tolerance;
      if (distance <= tolerance * length) continue;
      ADD_FAILURE() << "the derivative of operand " << i << " is " << actual << ", expected "
                    << expected;
    }
    tally_.configurations = 1;
    return tally_;
  }

 private:
  // Nothing arrives where nothing that is learnt could have an influence: at the score of a key
  // that no query uses, or at the mask value of a hidden one.
  void draw_arriving(size_t count) {
    Random random(p_.options().seed);
    const auto draw = [&](bool wanted, Vector<double>& to, const auto& arrives) {
      if (!wanted) return;
      for (Index b = 0; b < z_.B; ++b) {
        for (Index h = 0; h < z_.H; ++h) {
          for (Index l = 0; l < z_.L; ++l) {
            for (Index s = 0; s < z_.T(); ++s) {
              const float x = static_cast<float>(random.normal());
              to.push_back(arrives(b, h, l, s) ? static_cast<double>(x) : 0.0);
            }
          }
        }
      }
      ASSERT_EQ(to.size(), count);
    };
    const AttentionOptions& asked = p_.options();
    const auto used = [&](Index b, Index h, Index, Index s) { return p_.used_by_any(b, h, s); };
    draw(asked.raw, arriving_.raw, used);
    draw(asked.capped, arriving_.capped, used);
    draw(asked.masked, arriving_.masked,
         [&](Index b, Index h, Index l, Index s) { return p_.sees(b, h, l, s); });
    draw(asked.weights, arriving_.weights, [](Index, Index, Index, Index) { return true; });
    const auto draw_all = [&](Vector<double>& to, Index numbers) {
      for (Index i = 0; i < numbers; ++i) {
        to.push_back(static_cast<double>(static_cast<float>(random.normal())));
      }
    };
    draw_all(arriving_.output, z_.B * z_.H * z_.L * z_.Dv);
    if (z_.P == 0) return;
    draw_all(arriving_.present_key, z_.B * z_.key_heads * z_.T() * z_.Dk);
    draw_all(arriving_.present_value, z_.B * z_.key_heads * z_.T() * z_.Dv);
  }

  // The gradients of all operands' numbers, one operand after the other.
  std::vector<double> exact() const {
    const Numbers<double> point = numbers_of<double>(p_.operands());
    std::vector<double> flat;
    for (const Vector<double>& operand : point) {
      flat.insert(flat.end(), operand.begin(), operand.end());
    }
    return testing::gradient(flat, [&](const std::vector<Dual>& all) {
      Numbers<Dual> x;
      auto at = all.begin();
      for (size_t i = 0; i < operand_count; ++i) {
        const auto count = static_cast<std::ptrdiff_t>(point[i].size());
        x[i].assign(at, at + count);
        at += count;
      }
      return loss(x);
    });
  }

  Dual loss(const Numbers<Dual>& x) const {
    const Answer<Dual> y = answer(p_, x, chance_);
    return total(present(x, keys), arriving_.present_key) +
           total(present(x, values), arriving_.present_value) + total(y.raw, arriving_.raw) +
           total(y.capped, arriving_.capped) + total(y.masked, arriving_.masked) +
           total(y.weights, arriving_.weights) + total(y.output, arriving_.output);
  }

  // Present keys or values: those of the past and then the new ones.
  Vector<Dual> present(const Numbers<Dual>& x, Operand operand) const {
    Vector<Dual> all;
    for (Index b = 0; b < z_.B; ++b) {
      for (Index g = 0; g < z_.key_heads; ++g) {
        const reference::Matrix<Dual> head = head_of(p_, x, operand, b, g);
        all.insert(all.end(), head.values().begin(), head.values().end());
      }
    }
    return all;
  }

  static Dual total(const Vector<Dual>& y, const Vector<double>& gradients) {
    Dual sum = 0.0;
    for (size_t i = 0; i < gradients.size(); ++i) {
      if (gradients[i] != 0.0) sum += gradients[i] * y[i];  // y may be infinite elsewhere
    }
    return sum;
  }

  std::array<Variable, operand_count> differentiated(const AttentionOptions& asking) const {
    const std::array<Tensor, operand_count> values_of = p_.poisoned(false);
    std::array<Variable, operand_count> x;
    for (size_t i = 0; i < operand_count; ++i) {
      if (values_of[i].defined()) x[i] = autograd::variable(values_of[i]);
    }
    const AttentionInputs inputs{.queries = x[queries],
                                 .keys = x[keys],
                                 .values = x[values],
                                 .bias = x[bias_operand],
                                 .past_key = x[past_keys],
                                 .past_value = x[past_values],
                                 .score_query = x[score_query],
                                 .score_key = x[score_key],
                                 .score_vector = x[score_vector],
                                 .position_weight = x[position_weight],
                                 .position_vector = x[position_vector]};
    Tape tape;
    const AttentionVariables y = autograd::attention(tape, inputs, asking);
    Variable all;
    const auto add = [&](const Variable& from, const Vector<double>& gradients) {
      if (gradients.empty()) return;
      std::vector<float> narrow(gradients.begin(), gradients.end());
      const Variable part =
          autograd::weighted_total(tape, from, Tensor::from(from->value.shape(), narrow));
      all = all ? autograd::add(tape, all, part) : part;
    };
    add(y.output, arriving_.output);
    add(y.raw, arriving_.raw);
    add(y.capped, arriving_.capped);
    add(y.masked, arriving_.masked);
    add(y.weights, arriving_.weights);
    add(y.present_key, arriving_.present_key);
    add(y.present_value, arriving_.present_value);
    tape.backward(all);
    return x;
  }

  const Problem& p_;
  const Sizes& z_;
  Chance chance_;
  Arriving arriving_;
  Tally tally_;
  int failures_ = 0;
};

// Whether the derivative exists: no row is NaN, and no predicted place lies so close to half way
// between two sets of keys that fp32 could take the other one.
bool has_gradient(const Problem& p) {
  const Sizes& z = p.sizes();
  const auto x = numbers_of<reference::Rounded>(p.operands());
  for (Index b = 0; b < z.B; ++b) {
    for (Index h = 0; h < z.H; ++h) {
      const auto places = places_of(p, x, head_of(p, x, queries, b, h));
      for (Index l = 0; l < z.L; ++l) {
        const bool padding = p.is_padding(b, l);
        if (!padding && p.is_empty(b, h, l) && p.row_of_nothing(p.options().weights) == nan) {
          return false;
        }
        if (places.empty()) continue;
        const auto place = static_cast<double>(p.length_of(b, l)) * places[static_cast<size_t>(l)];
        if (std::abs(place.value - std::round(place.value)) < 1e-4) return false;
      }
    }
  }
  return true;
}

TEST(AttentionSweepTest, GradientsAgreeWithDualNumbers) {
  const auto small = [](const Configuration& c) {
    const bool choice = c[alignment] == static_cast<int>(Alignment::hard) ||
                        c[alignment] == static_cast<int>(Alignment::hard_sampled);
    return c[size] == few && !choice;
  };
  const auto all = draw(configurations, 20261121, small);
  Pairs pairs;
  Report report;
  for (size_t i = 0; i < all.size(); ++i) {
    pairs.count(all[i]);
    uint64_t seed = derive_seed(2, i);
    while (!has_gradient(Problem(all[i], seed, 3))) seed = mix(seed);
    const Problem problem(all[i], seed, 3);
    SCOPED_TRACE(std::to_string(i) + ": " + problem.to_string());
    try {
      report.add(all[i], GradientCheck(problem).run());
    } catch (const Error& error) {
      ADD_FAILURE() << error.what();
    }
    if (has_failed_often()) break;
  }
  for (int f = 0; f < factor_count; ++f) {
    const auto factor = static_cast<Factor>(f);
    for (size_t level = 0; level < factors()[static_cast<size_t>(f)].levels.size(); ++level) {
      Configuration one;
      one.levels[static_cast<size_t>(f)] = static_cast<int>(level);
      if (factor == size || (factor == alignment && !small(one))) continue;
      EXPECT_GE(pairs.occurrences(factor, static_cast<int>(level)), occurrences)
          << factors()[static_cast<size_t>(f)].name << " "
          << factors()[static_cast<size_t>(f)].levels[level];
    }
  }
  report.write("sweep-gradients-" + std::to_string(simd::width));
}

// Past the edges of tiles, in both forms.
TEST(AttentionSweepTest, LargeGradientsAgreeAlongDirections) {
  const auto large = [](const Configuration& c) {
    return c[size] >= around_tiles && c[returned] == output_alone && c[alignment] == 0 &&
           c[score] <= static_cast<int>(Score::dot) && c[empty_row] == zeros;
  };
  const auto all = draw(large_configurations, 20261122, large);
  Report report;
  for (size_t i = 0; i < all.size(); ++i) {
    const Problem problem(all[i], derive_seed(3, i));
    SCOPED_TRACE(std::to_string(i) + ": " + problem.to_string());
    try {
      AttentionOptions readable = problem.options();
      readable.form = Form::readable;
      report.add(all[i], GradientCheck(problem).run_along_directions(readable));
      report.add(all[i], GradientCheck(problem).run_along_directions(problem.asking_for_nothing()));
    } catch (const Error& error) {
      ADD_FAILURE() << error.what();
    }
    if (has_failed_often()) break;
  }
  report.write("sweep-large-gradients-" + std::to_string(simd::width));
}

}  // namespace
}  // namespace regard::attention
