// SPDX-License-Identifier: MIT
// 2,000 attentions, in which every two options that go together meet at least five times, against
// the reference in double: the output, every score and the weights, in the form that keeps the
// weights and in the one that does not. The tolerance is no number: the reference computes on
// numbers that know how far fp32 may be off (reference/rounded.h). Then keys and values that a
// query does not use are replaced by others, NaN and infinities among them, and not a bit may
// change.
#include <gtest/gtest.h>

#include <bit>
#include <cmath>

#include "attention/sweep_oracle.h"
#include "attention/sweep_report.h"
#include "kernels/dropout.h"
#include "kernels/simd.h"
#include "reference/rounded.h"

namespace regard::attention {
namespace {

using namespace sweep;
using reference::Rounded;
using reference::Vector;

constexpr Index configurations = 2000;
constexpr Index meetings = 5;

// The bound takes each operation as one rounding, and a product of three with its factors in the
// order of the formula. Others multiply a query by the scale first, or fold a factor into another:
// one rounding more in each term.
constexpr double slack = 1.0;

/// One problem, solved and compared.
class Check {
 public:
  explicit Check(const Problem& problem) : p_(problem), z_(problem.sizes()) {}

  Tally run() {
    find_chance();
    expected_ = answer<Rounded>(p_, numbers_of<Rounded>(p_.operands()), chance_);
    find_undecided();

    const Attention all = p_.attention_of(p_.operands(), p_.asking_for_everything());
    compare_scores("raw", all.raw, expected_.raw);
    compare_scores("capped", all.capped, expected_.capped);
    compare_scores("masked", all.masked, expected_.masked);
    compare_weights(all.weights);
    compare_output(all.output, true);

    const Attention alone = p_.attention_of(p_.operands(), p_.asking_for_nothing());
    compare_output(alone.output, false);
    compare_forms(all.output, alone.output);
    expect_asked_for();
    expect_present(all);
    expect_no_influence(all, alone);
    tally_.configurations = 1;
    return tally_;
  }
  double forms_apart() const { return forms_apart_; }

 private:
  template <class Body>  // body(b, h, l)
  void for_rows(const Body& body) const {
    for (Index b = 0; b < z_.B; ++b) {
      for (Index h = 0; h < z_.H; ++h) {
        for (Index l = 0; l < z_.L; ++l) body(b, h, l);
      }
    }
  }
  size_t row(Index b, Index h, Index l) const {
    return static_cast<size_t>((b * z_.H + h) * z_.L + l);
  }
  size_t weight(Index b, Index h, Index l, Index s) const {
    return row(b, h, l) * static_cast<size_t>(z_.T()) + static_cast<size_t>(s);
  }

  // Which weights dropout leaves, and which keys were drawn: not the reference's to know.
  void find_chance() {
    const auto count = static_cast<size_t>(z_.B * z_.H * z_.L * z_.T());
    const float p = p_.options().dropout;
    if (p > 0) {
      std::vector<float> ones(count, 1.0f);
      kernels::dropout(ones.data(), ones.data(), static_cast<Index>(count), p, p_.options().seed);
      for (const float kept : ones) chance_.kept.push_back(kept != 0);
    }
    if (p_.options().alignment != Alignment::hard_sampled) return;
    AttentionOptions undropped = p_.asking_for_everything();
    undropped.dropout = 0;
    const Tensor weights = p_.attention_of(p_.operands(), undropped).weights;
    for_rows([&](Index b, Index h, Index l) {
      Index drawn = -1;
      for (Index s = 0; s < z_.T(); ++s) {
        if (weights.data()[weight(b, h, l, s)] != 1.0f) continue;
        EXPECT_TRUE(drawn < 0 && p_.sees(b, h, l, s)) << "a draw of two or of a hidden key";
        drawn = s;
      }
      EXPECT_EQ(drawn < 0, p_.is_empty(b, h, l)) << "nothing drawn";
      chance_.drawn.push_back(drawn);
    });
  }

  // Rows whose weights hang on a comparison that is too close for fp32.
  void find_undecided() {
    undecided_.resize(static_cast<size_t>(z_.B * z_.H * z_.L));
    const Numbers<Rounded> x = numbers_of<Rounded>(p_.operands());
    Vector<Rounded> places;
    for_rows([&](Index b, Index h, Index l) {
      if (l == 0) places = places_of(p_, x, head_of(p_, x, queries, b, h));
      bool close = false;
      if (p_.options().alignment == Alignment::hard) {
        Rounded most = -INFINITY;
        for (Index s = 0; s < z_.T(); ++s) {
          const Rounded& score = expected_.masked[weight(b, h, l, s)];
          if (p_.sees(b, h, l, s) && score > most) most = score;
        }
        Index near = 0;
        for (Index s = 0; s < z_.T(); ++s) {
          const Rounded& score = expected_.masked[weight(b, h, l, s)];
          near +=
              p_.sees(b, h, l, s) && most.value - score.value <= slack * (most.error + score.error);
        }
        close = near > 1;
      }
      if (!places.empty()) {
        const Rounded place =
            static_cast<double>(p_.length_of(b, l)) * places[static_cast<size_t>(l)];
        const double edge = place.value - std::round(place.value);
        close = std::abs(edge) <= slack * place.error + 1e-6;
      }
      undecided_[row(b, h, l)] = close;
    });
  }

  void compare(float actual, const Rounded& expected, double largest, const char* what) {
    ++tally_.numbers;
    if (std::isnan(expected.value)) {
      if (!std::isnan(actual)) fail(what, actual, expected);
      return;
    }
    const double wide = static_cast<double>(actual);
    const double distance = wide == expected.value ? 0.0 : std::abs(wide - expected.value);
    // below the least normal number there is no relative accuracy
    const double bound = slack * expected.error + 0x1p-126;
    if (!(distance <= bound)) fail(what, actual, expected);
    tally_.largest_error = std::max(tally_.largest_error, distance / largest);
    tally_.largest_share = std::max(tally_.largest_share, distance / bound);
  }

  void fail(const char* what, float actual, const Rounded& expected) {
    if (++failures_ > 2) return;
    ADD_FAILURE() << what << " is " << actual << ", expected " << expected.value << " within "
                  << slack * expected.error;
  }

  static double largest_of(const Vector<Rounded>& numbers) {
    double largest = 1.0;
    for (const Rounded& x : numbers) {
      if (std::isfinite(x.value)) largest = std::max(largest, std::abs(x.value));
    }
    return largest;
  }

  void compare_scores(const char* what, const Tensor& actual, const Vector<Rounded>& expected) {
    ASSERT_EQ(actual.count(), static_cast<Index>(expected.size())) << what;
    const double largest = largest_of(expected);
    for (size_t i = 0; i < expected.size(); ++i) {
      compare(actual.data()[i], expected[i], largest, what);
    }
  }

  void compare_weights(const Tensor& actual) {
    ASSERT_EQ(actual.count(), static_cast<Index>(expected_.weights.size()));
    for_rows([&](Index b, Index h, Index l) {
      if (undecided_[row(b, h, l)]) return;
      for (Index s = 0; s < z_.T(); ++s) {
        const size_t at = weight(b, h, l, s);
        compare(actual.data()[at], expected_.weights[at], 1.0, "weight");
        if (!p_.uses(b, h, l, s) && expected_.weights[at].value == 0.0) {
          EXPECT_EQ(actual.data()[at], 0.0f) << "a hidden key has a weight";
        }
      }
    });
  }

  void compare_output(const Tensor& actual, bool weights_asked) {
    ASSERT_EQ(actual.count(), static_cast<Index>(expected_.output.size()));
    const double largest = largest_of(expected_.output);
    const bool nothing_is_zeros = p_.row_of_nothing(weights_asked) == zeros;
    for_rows([&](Index b, Index h, Index l) {
      if (undecided_[row(b, h, l)]) return;
      const bool is_zero = p_.is_empty(b, h, l) && nothing_is_zeros;
      for (Index d = 0; d < z_.Dv; ++d) {
        const auto at = static_cast<size_t>(p_.output_place(b, h, l, d));
        compare(actual.data()[at], is_zero ? Rounded(0.0) : expected_.output[at], largest,
                weights_asked ? "output" : "output without weights");
      }
    });
  }

  // How far the form that keeps no weights is from the one that does. Each was compared with the
  // reference; this is for the report.
  void compare_forms(const Tensor& kept, const Tensor& tiled) {
    const double largest = largest_of(expected_.output);
    for (Index i = 0; i < kept.count(); ++i) {
      const double distance = std::abs(static_cast<double>(kept.data()[i] - tiled.data()[i]));
      if (distance <= 1.0) forms_apart_ = std::max(forms_apart_, distance / largest);
    }
  }

  // What was asked for alone is what it is among everything.
  void expect_asked_for() {
    const AttentionOptions& asked = p_.options();
    const Attention given = p_.attention_of(p_.operands(), asked);
    EXPECT_EQ(given.raw.defined(), asked.raw);
    EXPECT_EQ(given.capped.defined(), asked.capped);
    EXPECT_EQ(given.masked.defined(), asked.masked);
    EXPECT_EQ(given.present_key.defined(), z_.P > 0);
    compare_output(given.output, asked.weights);
    if (asked.raw) compare_scores("raw alone", given.raw, expected_.raw);
    if (asked.capped) compare_scores("capped alone", given.capped, expected_.capped);
    if (asked.masked) compare_scores("masked alone", given.masked, expected_.masked);
    if (asked.weights) compare_weights(given.weights);
  }

  // Present keys and values are those of the past and then the new ones, bit for bit.
  void expect_present(const Attention& all) {
    if (z_.P == 0) return;
    const Numbers<double> x = numbers_of<double>(p_.operands());
    for (const Operand operand : {keys, values}) {
      const Tensor& present = operand == keys ? all.present_key : all.present_value;
      const Index width = operand == keys ? z_.Dk : z_.Dv;
      ASSERT_EQ(present.shape(), (Shape{z_.B, z_.key_heads, z_.T(), width}));
      const float* at = present.data();
      for (Index b = 0; b < z_.B; ++b) {
        for (Index g = 0; g < z_.key_heads; ++g) {
          const reference::Matrix<double> expected = head_of(p_, x, operand, b, g);
          for (const double number : expected.values()) {
            ASSERT_EQ(static_cast<double>(*at++), number);
          }
        }
      }
    }
  }

  // Other numbers in the keys and values that a query does not use change no bit of what it gets.
  void expect_no_influence(const Attention& all, const Attention& alone) {
    const auto other = p_.poisoned(true);
    const Attention other_all = p_.attention_of(other, p_.asking_for_everything());
    const Attention other_alone = p_.attention_of(other, p_.asking_for_nothing());
    const auto same = [&](const Tensor& a, const Tensor& b, size_t at, const char* what) {
      if (std::bit_cast<uint32_t>(a.data()[at]) == std::bit_cast<uint32_t>(b.data()[at])) return;
      if (std::isnan(a.data()[at]) && std::isnan(b.data()[at])) return;
      if (++failures_ > 2) return;
      ADD_FAILURE() << what << " was " << a.data()[at] << ", and is " << b.data()[at]
                    << " with other hidden keys";
    };
    for_rows([&](Index b, Index h, Index l) {
      if (p_.meets_poison(b, h, l)) return;
      for (Index s = 0; s < z_.T(); ++s) {
        const size_t at = weight(b, h, l, s);
        same(all.weights, other_all.weights, at, "a weight");
        if (p_.sees(b, h, l, s)) same(all.masked, other_all.masked, at, "a score");
      }
      for (Index d = 0; d < z_.Dv; ++d) {
        const auto at = static_cast<size_t>(p_.output_place(b, h, l, d));
        same(all.output, other_all.output, at, "the output");
        same(alone.output, other_alone.output, at, "the output without weights");
      }
    });
  }

  const Problem& p_;
  const Sizes& z_;
  Chance chance_;
  Answer<Rounded> expected_;
  std::vector<bool> undecided_;  // (B, H, L)
  Tally tally_;
  double forms_apart_ = 0.0;
  int failures_ = 0;
};

TEST(AttentionSweepTest, AgreesWithTheReference) {
  const auto all = draw(configurations, 20261120, [](const Configuration&) { return true; });
  Pairs pairs;
  Report report;
  Index rows = 0, empty = 0, poisoned = 0, tiled = 0;
  double forms_apart = 0.0;
  for (size_t i = 0; i < all.size(); ++i) {
    pairs.count(all[i]);
    const Problem problem(all[i], derive_seed(1, i));
    const Sizes& z = problem.sizes();
    for (Index b = 0; b < z.B; ++b) {
      for (Index h = 0; h < z.H; ++h) {
        for (Index l = 0; l < z.L; ++l) {
          if (problem.is_padding(b, l)) continue;
          ++rows;
          empty += problem.is_empty(b, h, l);
        }
      }
    }
    poisoned += problem.poisons();
    tiled += all[i][score] <= static_cast<int>(Score::dot) && all[i][alignment] == 0;
    SCOPED_TRACE(std::to_string(i) + ": " + problem.to_string());
    try {
      Check check(problem);
      report.add(all[i], check.run());
      forms_apart = std::max(forms_apart, check.forms_apart());
    } catch (const Error& error) {
      ADD_FAILURE() << error.what();
    }
    if (has_failed_often()) break;
  }

  // what makes it a sweep
  std::string which;
  const Index fewest = pairs.fewest(&which);
  EXPECT_GE(fewest, meetings) << which;
  EXPECT_GE(empty * 10, rows) << "a tenth of the rows are to be empty";
  EXPECT_GE(poisoned * 2, configurations) << "half of them are to hold NaN or infinities";
  EXPECT_GE(tiled * 5, configurations) << "a fifth of them are to have both forms";

  report.set("pairs", static_cast<double>(pairs.possible_pairs()));
  report.set("fewestMeetings", static_cast<double>(fewest));
  report.set("rows", static_cast<double>(rows));
  report.set("emptyRows", static_cast<double>(empty));
  report.set("withHiddenNaNOrInfinity", static_cast<double>(poisoned));
  report.set("tiled", static_cast<double>(tiled));
  report.set("formsApart", forms_apart);
  report.set("width", static_cast<double>(simd::width));
  report.write("sweep-native-" + std::to_string(simd::width));
}

}  // namespace
}  // namespace regard::attention
