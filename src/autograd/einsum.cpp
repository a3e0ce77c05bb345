// SPDX-License-Identifier: MIT
// Every axis carries a label: its letter, or a character below the letters for the axes of `...`,
// counted from the innermost. All that happens is choosing orders of labels.
#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "autograd/arithmetic.h"
#include "autograd/arrangement.h"
#include "autograd/product.h"
#include "autograd/reduction.h"
#include "tensor/order.h"

namespace regard::autograd {

namespace {

using Labels = std::string;

bool has(const Labels& labels, char label) { return labels.find(label) != Labels::npos; }

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// The labels of `...` over n axes.
Labels unnamed(Index n) {
  Labels labels;
  for (; n > 0; --n) labels += static_cast<char>(n);
  return labels;
}

struct Equation {
  std::vector<std::string> terms;
  std::string result;
  bool has_result = false;
};

Equation parse(std::string_view text) {
  Equation equation;
  equation.terms.emplace_back();
  std::string* term = &equation.terms.back();
  for (size_t i = 0; i < text.size(); ++i) {
    const std::string_view rest = text.substr(i);
    if (text[i] == ' ') continue;
    if (rest.substr(0, 2) == "->" && !equation.has_result) {
      equation.has_result = true;
      term = &equation.result;
      ++i;
    } else if (rest.substr(0, 3) == "..." && !has(*term, '.')) {
      *term += '.';
      i += 2;
    } else if (text[i] == ',' && !equation.has_result) {
      term = &equation.terms.emplace_back();
    } else if (is_letter(text[i])) {
      *term += text[i];
    } else {
      throw ValueError("einsum: ", text, " cannot be read from ", rest);
    }
  }
  return equation;
}

// One `.` of a term replaced by labels.
Labels expanded(std::string term, const Labels& dots) {
  const size_t at = term.find('.');
  if (at != std::string::npos) term.replace(at, 1, dots);
  return term;
}

// A value and the labels of its axes.
struct Operand {
  Variable value;
  Labels labels;

  Index size(char label) const { return value->value.size(static_cast<Index>(labels.find(label))); }
};

// The sizes that all operands agree on.
class Sizes {
 public:
  Index& operator[](char label) { return sizes_[static_cast<unsigned char>(label)]; }

  void note(size_t index, const Operand& operand) {
    const Shape& shape = operand.value->value.shape();
    for (Index axis = 0; axis < shape.rank(); ++axis) {
      const char label = operand.labels[static_cast<size_t>(axis)];
      Index& size = (*this)[label];
      const Index found = shape[axis];
      if (size < 0 || (size == 1 && !is_letter(label))) size = found;
      if (found == size || (found == 1 && !is_letter(label))) continue;
      throw ShapeError("einsum: operand ", index, " is ", shape, ", expected ",
                       is_letter(label) ? std::string(1, label)
                                        : "axis " + std::to_string(label - 1) + " of ...",
                       " = ", size);
    }
  }

 private:
  std::array<Index, 128> sizes_ = [] {
    std::array<Index, 128> sizes;
    sizes.fill(-1);
    return sizes;
  }();
};

// x with its axes in the order of `wanted`; labels that x does not have become axes of size 1.
Variable arranged(Tape& tape, const Operand& x, const Labels& wanted) {
  std::vector<Index> order, sizes;
  for (const char label : wanted) {
    sizes.push_back(has(x.labels, label) ? x.size(label) : 1);
    if (has(x.labels, label)) order.push_back(static_cast<Index>(x.labels.find(label)));
  }
  Variable y = x.value;
  if (!std::is_sorted(order.begin(), order.end())) y = permute(tape, y, order);
  return y->value.shape() == Shape(sizes) ? y : reshape(tape, y, Shape(sizes));
}

// x summed over all labels but some.
Operand kept(Tape& tape, const Operand& x, const Labels& needed) {
  Operand result;
  ReduceOptions options;
  for (size_t axis = 0; axis < x.labels.size(); ++axis) {
    if (has(needed, x.labels[axis])) {
      result.labels += x.labels[axis];
    } else {
      options.axes.push_back(static_cast<Index>(axis));
    }
  }
  result.value = options.axes.empty() ? x.value : sum(tape, x.value, options);
  return result;
}

// An operand without labels that occur twice, and without axes of size 1 that are to be repeated.
Operand simplified(Tape& tape, Operand x, Sizes& sizes) {
  for (size_t i = 0; i < x.labels.size();) {
    const size_t again = x.labels.find(x.labels[i], i + 1);
    if (again == Labels::npos) {
      ++i;
      continue;
    }
    x.value = diagonal(tape, x.value, static_cast<Index>(i), static_cast<Index>(again));
    x.labels += x.labels[i];
    x.labels.erase(again, 1);
    x.labels.erase(i, 1);
  }
  Labels own;
  for (const char label : x.labels) {
    if (x.size(label) == sizes[label]) own += label;
  }
  return {arranged(tape, x, own), own};
}

// The sum of the products of a and b over the labels that nobody needs any more.
Operand contracted(Tape& tape, const Operand& a, const Operand& b, const Labels& needed,
                   Sizes& sizes) {
  Labels shared, inner, rows, columns;
  for (const char label : a.labels) {
    (!has(b.labels, label) ? rows : has(needed, label) ? shared : inner) += label;
  }
  for (const char label : b.labels) {
    if (!has(a.labels, label)) columns += label;
  }
  const Labels outer = shared + rows + columns;
  if (inner.empty() || (rows.empty() && columns.empty())) {
    const Labels all = outer + inner;
    const Variable product = multiply(tape, arranged(tape, a, all), arranged(tape, b, all));
    return kept(tape, {product, all}, needed);
  }

  const auto count = [&](const Labels& labels) {
    Index n = 1;
    for (const char label : labels) n *= sizes[label];
    return n;
  };
  const Index P = count(shared), M = count(rows), K = count(inner), N = count(columns);
  const Variable left = reshape(tape, arranged(tape, a, shared + rows + inner), {P, M, K});
  const Variable right = reshape(tape, arranged(tape, b, shared + inner + columns), {P, K, N});
  std::vector<Index> shape;
  for (const char label : outer) shape.push_back(sizes[label]);
  return {reshape(tape, matmul(tape, left, right), Shape(shape)), outer};
}

// The labels of the result: as written, or those of `...` and the letters that occur once.
Labels result_of(std::string_view text, const Equation& equation, const Labels& dots,
                 const std::vector<Operand>& operands) {
  Labels all, result;
  for (const Operand& operand : operands) all += operand.labels;
  if (!equation.has_result) {
    result = dots;
    for (const size_t place :
         ordered(all.size(), [&](size_t a, size_t b) { return all[a] < all[b]; })) {
      const char label = all[place];
      if (is_letter(label) && std::count(all.begin(), all.end(), label) == 1) result += label;
    }
    return result;
  }
  result = expanded(equation.result, dots);
  for (const char label : result) {
    const std::string name(1, label);
    if (!has(all, label))
      throw ValueError("einsum: no operand of ", text, " has the ", name, " of the result");
    if (std::count(result.begin(), result.end(), label) > 1) {
      throw ValueError("einsum: the result of ", text, " has ", name, " twice");
    }
  }
  if (!dots.empty() && !has(equation.result, '.')) {
    throw ValueError("einsum: the result of ", text, " lacks the ... of the operands");
  }
  return result;
}

}  // namespace

Variable einsum(Tape& tape, std::string_view text, const std::vector<Variable>& operands) {
  const Equation equation = parse(text);
  if (equation.terms.size() != operands.size()) {
    throw ValueError("einsum: ", text, " has ", equation.terms.size(),
                     " terms, expected one for each of ", operands.size(), " operands");
  }

  // a label for every axis, and a size for every label
  std::vector<Operand> labelled;
  Sizes sizes;
  Index most_dots = 0;
  for (size_t i = 0; i < operands.size(); ++i) {
    const std::string& term = equation.terms[i];
    const Shape& shape = operands[i]->value.shape();
    const bool dots = has(term, '.');
    const Index letters = static_cast<Index>(term.size()) - dots, others = shape.rank() - letters;
    if (dots ? others < 0 : others != 0) {
      throw ShapeError("einsum: operand ", i, " is ", shape, ", expected ", letters,
                       dots ? " axes or more" : " axes");
    }
    most_dots = std::max(most_dots, dots ? others : 0);
    labelled.push_back({operands[i], expanded(term, unnamed(others))});
    sizes.note(i, labelled.back());
  }
  const Labels result = result_of(text, equation, unnamed(most_dots), labelled);

  // from left to right, and nothing longer than anyone needs it
  Operand so_far;
  for (size_t i = 0; i < labelled.size(); ++i) {
    Labels later = result;
    for (size_t j = i + 1; j < labelled.size(); ++j) later += labelled[j].labels;
    const Operand next = kept(tape, simplified(tape, labelled[i], sizes), later + so_far.labels);
    so_far = i == 0 ? kept(tape, next, later) : contracted(tape, so_far, next, later, sizes);
  }
  so_far = kept(tape, so_far, result);
  return arranged(tape, so_far, result);
}

}  // namespace regard::autograd
