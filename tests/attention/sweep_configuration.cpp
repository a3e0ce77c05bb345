// SPDX-License-Identifier: MIT
#include "attention/sweep_configuration.h"

#include <utility>

#include "attention/options.h"

namespace regard::attention::sweep {

namespace {

constexpr Index often_enough = 5;
constexpr int candidates = 8;

bool one_of(int level, std::initializer_list<int> levels) {
  for (const int other : levels) {
    if (level == other) return true;
  }
  return false;
}

constexpr int number(ConventionName name) { return static_cast<int>(name); }
constexpr int number(Score s) { return static_cast<int>(s); }

bool is_onnx(int name) {
  return one_of(name, {number(ConventionName::onnx_23), number(ConventionName::onnx_24),
                       number(ConventionName::onnx_25)});
}

// Whether hidden keys keep a finite score, by the convention's own mask value.
bool keeps_hidden(int name) {
  return one_of(name, {number(ConventionName::keras), number(ConventionName::keras_attention),
                       number(ConventionName::jax), number(ConventionName::d2l)});
}

// contradict() with the factors in order.
bool contradict_in_order(Factor a, int x, Factor b, int y) {
  const auto is = [&](Factor f, Factor g) { return a == f && b == g; };
  const bool onnx = a == convention && is_onnx(x);
  const bool pads = onnx && x != number(ConventionName::onnx_23);

  // what a convention's own function cannot be told
  if (is(convention, scale)) return onnx && y == negative_scale;
  if (is(convention, window)) return onnx && x != number(ConventionName::onnx_25) && y != no_window;
  if (is(convention, key_lengths)) return x == number(ConventionName::onnx_23) && y != no_lengths;
  if (is(convention, origin)) return x == number(ConventionName::onnx_23) && y == last_key;
  if (is(convention, mask)) return y == short_mask && !pads;
  if (is(convention, bias)) return y == short_bias && !pads;

  if (is(scale, mask)) return x == negative_scale && y == short_mask;
  if (is(scale, bias)) return x == negative_scale && y == short_bias;

  // what does not fit together
  if (is(form, heads)) return one_of(x, {L_D, BL_D}) && y != one_head;
  if (is(widths, score)) {
    const bool free = one_of(y, {number(Score::general), number(Score::concat),
                                 number(Score::additive), number(Score::location)});
    return x == key_width && !free;
  }
  if (is(key_lengths, origin)) return y == last_key && x != batch_lengths;
  if (is(alignment, mask_value)) return x != 0 && y == given_mask_value;
  return false;
}

}  // namespace

const std::vector<FactorLevels>& factors() {
  static const std::vector<FactorLevels> all = {
      {"convention",
       {"none", "onnx-23", "onnx-24", "onnx-25", "torch", "torch-mha", "keras", "keras-attention",
        "jax", "d2l"}},
      {"form", {"L D", "B L D", "B H L D", "B L H D", "L H D", "L (H D)", "B L (H D)"}},
      {"heads", {"one", "several", "grouped", "one of keys"}},
      {"widths", {"equal", "of values", "of keys"}},
      {"score",
       {"scaled dot", "dot", "general", "concat", "additive", "cosine", "location",
        "additive without projections"}},
      {"scale", {"default", "given", "negative"}},
      {"softcap", {"no", "yes"}},
      {"alignment", {"softmax", "hard", "hard sampled", "local-m", "local-p"}},
      {"mask", {"no", "(L, S)", "full", "repeated", "short"}},
      {"key mask", {"no", "yes"}},
      {"bias", {"no", "finite", "hiding", "repeated", "short"}},
      {"key lengths", {"no", "of batches", "of queries"}},
      {"query lengths", {"no", "yes"}},
      {"causal", {"no", "yes"}},
      {"origin", {"unstated", "top-left", "bottom-right", "last-key", "cache", "offset"}},
      {"window", {"no", "left", "right", "both"}},
      {"past", {"no", "yes"}},
      {"mask value", {"default", "given", "-infinity"}},
      {"empty row", {"default", "zeros", "nan", "softmax"}},
      {"dropout", {"no", "yes"}},
      {"returned", {"output", "weights", "raw", "capped", "masked", "everything"}},
      {"hidden", {"numbers", "NaN", "infinities"}},
      {"size", {"few", "registers", "tiles", "blocks", "depths"}},
  };
  return all;
}

std::string Configuration::to_string() const {
  std::string text;
  for (size_t f = 0; f < factor_count; ++f) {
    if (levels[f] == 0 && f != 0) continue;
    text += (text.empty() ? "" : ", ") + std::string(factors()[f].name) + ": " +
            factors()[f].levels[static_cast<size_t>(levels[f])];
  }
  return text;
}

bool contradict(Factor a, int x, Factor b, int y) {
  return a < b ? contradict_in_order(a, x, b, y) : contradict_in_order(b, y, a, x);
}

bool possible(const Configuration& c) {
  for (int a = 0; a < factor_count; ++a) {
    for (int b = a + 1; b < factor_count; ++b) {
      const auto first = static_cast<Factor>(a), second = static_cast<Factor>(b);
      if (contradict(first, c[first], second, c[second])) return false;
    }
  }
  // three that contradict each other while every two of them go together
  if (is_onnx(c[convention]) && c[key_lengths] != no_lengths && c[past]) return false;
  if (c[convention] == number(ConventionName::torch) && c[causal] && (c[mask] || c[bias])) {
    return false;
  }
  return !(c[alignment] && keeps_hidden(c[convention]) && c[mask_value] != minus_infinity);
}

Pairs::Pairs() {
  Index levels = 0;
  for (const FactorLevels& factor : factors()) {
    first_.push_back(levels);
    levels += static_cast<Index>(factor.levels.size());
  }
  first_.push_back(levels);
  met_.resize(static_cast<size_t>(levels * levels));
}

Index& Pairs::at(Factor a, int x, Factor b, int y) {
  const Index row = first_[static_cast<size_t>(a)] + x, column = first_[static_cast<size_t>(b)] + y;
  return met_[static_cast<size_t>(row * first_.back() + column)];
}
Index Pairs::at(Factor a, int x, Factor b, int y) const {
  return const_cast<Pairs*>(this)->at(a, x, b, y);
}

void Pairs::count(const Configuration& c) {
  for (int a = 0; a < factor_count; ++a) {
    for (int b = a; b < factor_count; ++b) {
      const auto first = static_cast<Factor>(a), second = static_cast<Factor>(b);
      ++at(first, c[first], second, c[second]);
    }
  }
}

Index Pairs::rare(const Configuration& c, Index often) const {
  Index result = 0;
  for (int a = 0; a < factor_count; ++a) {
    for (int b = a + 1; b < factor_count; ++b) {
      const auto first = static_cast<Factor>(a), second = static_cast<Factor>(b);
      result += at(first, c[first], second, c[second]) < often;
    }
  }
  return result;
}

Index Pairs::occurrences(Factor f, int level) const { return at(f, level, f, level); }

bool Pairs::counts(Factor a, int x, Factor b, int y) const {
  return occurrences(a, x) > 0 && occurrences(b, y) > 0 && !contradict(a, x, b, y);
}

namespace {

template <class Body>
void for_pairs(const Body& body) {
  for (int a = 0; a < factor_count; ++a) {
    for (int b = a + 1; b < factor_count; ++b) {
      const auto first = static_cast<Factor>(a), second = static_cast<Factor>(b);
      const auto levels = [](Factor f) {
        return static_cast<int>(factors()[static_cast<size_t>(f)].levels.size());
      };
      for (int x = 0; x < levels(first); ++x) {
        for (int y = 0; y < levels(second); ++y) body(first, x, second, y);
      }
    }
  }
}

}  // namespace

Index Pairs::possible_pairs() const {
  Index result = 0;
  for_pairs([&](Factor a, int x, Factor b, int y) { result += counts(a, x, b, y); });
  return result;
}

Index Pairs::fewest(std::string* which) const {
  Index result = std::numeric_limits<Index>::max();
  for_pairs([&](Factor a, int x, Factor b, int y) {
    if (!counts(a, x, b, y) || at(a, x, b, y) >= result) return;
    result = at(a, x, b, y);
    const auto name = [](Factor f, int level) {
      const FactorLevels& factor = factors()[static_cast<size_t>(f)];
      return std::string(factor.name) + " " + factor.levels[static_cast<size_t>(level)];
    };
    if (which) *which = name(a, x) + " with " + name(b, y);
  });
  return result;
}

std::vector<Configuration> draw(Index count, uint64_t seed, const Pairs::Filter& allowed) {
  Random random(seed);
  const auto one = [&] {
    const auto level = [&](Factor f) {
      return static_cast<int>(random.below(factors()[static_cast<size_t>(f)].levels.size()));
    };
    // of a convention that can be told little as many as of the others
    Configuration c;
    const int name = level(convention);
    do {
      for (int f = 0; f < factor_count; ++f) {
        c.levels[static_cast<size_t>(f)] = level(static_cast<Factor>(f));
      }
      c.levels[convention] = name;
      // the largest sizes are rare, for the time that they take; what has a form that keeps no
      // weights is frequent
      if (c[size] >= around_tiles && random.uniform() < 0.5) {
        c.levels[size] = static_cast<int>(random.below(2));
      }
      if (random.uniform() < 0.4) c.levels[score] = static_cast<int>(random.below(2));
      if (random.uniform() < 0.4) c.levels[alignment] = 0;
    } while (!possible(c) || !allowed(c));
    return c;
  };

  Pairs pairs;
  std::vector<Configuration> result;
  while (static_cast<Index>(result.size()) < count) {
    Configuration best = one();
    for (int i = 1; i < candidates; ++i) {
      const Configuration other = one();
      if (pairs.rare(other, often_enough) > pairs.rare(best, often_enough)) best = other;
    }
    pairs.count(best);
    result.push_back(best);
  }
  return result;
}

}  // namespace regard::attention::sweep
