// SPDX-License-Identifier: MIT
#include "attention/operands.h"

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include "attention/convention.h"

namespace regard::attention {

namespace {

// How one operand lies: its sizes and the strides of its axes, B and H being 1 where it lacks them.
struct Axes {
  Index B, H, rows, width;
  Index batch, head, row;
};

// throws "attention: keys are (…), expected (…)".
[[noreturn]] void refuse(const char* operand, const Tensor& x, const Phrase& expected) {
  throw ShapeError("attention: ", operand, " are ", x.shape(), ", expected ", expected);
}

Axes axes_of(const char* operand, const Tensor& x, Layout layout, Index heads) {
  const Shape& shape = x.shape();
  const Index rank = shape.rank();
  if (heads) {
    if (rank != 2 && rank != 3) {
      refuse(operand, x, "(L, H D) or (B, L, H D) to be split into heads");
    }
    const Index all = shape.back();
    if (all % heads) {
      throw ShapeError("attention: ", operand, " are ", shape, ": ", heads,
                       " heads do not divide a width of ", all);
    }
    const Index rows = x.size(-2), width = all / heads;
    return {rank == 3 ? x.size(0) : 1, heads, rows, width, rows * all, width, all};
  }
  if (rank < 2 || rank > 4) refuse(operand, x, "two to four axes");
  const bool blhd = layout == Layout::blhd;
  if (blhd && rank == 2) refuse(operand, x, "(L, H, D) or (B, L, H, D)");
  const Index width = shape.back();
  if (blhd) {
    const Index H = x.size(-2), rows = x.size(-3);
    return {rank == 4 ? x.size(0) : 1, H, rows, width, rows * H * width, width, H * width};
  }
  const Index rows = x.size(-2);
  const Index H = rank == 4 ? x.size(1) : 1;
  const Index B = rank == 2 ? 1 : x.size(0);
  return {B, H, rows, width, H * rows * width, rows * width, width};
}

// The sizes of x, to be changed: without a list from the heap, which small attentions would notice.
struct Sizes {
  explicit Sizes(const Tensor& x) : rank(static_cast<size_t>(x.shape().rank())) {
    std::copy(x.shape().begin(), x.shape().end(), sizes.begin());
  }
  Index& from_end(size_t axis) { return sizes[rank - axis]; }
  Shape shape() const { return Shape(std::span(sizes).first(rank)); }

  size_t rank;
  std::array<Index, Shape::max_rank> sizes{};
};

Shape with_sizes(const Tensor& x, Layout layout, Index heads, Index rows, Index width) {
  Sizes sizes(x);
  sizes.from_end(1) = heads ? heads * width : width;
  sizes.from_end(!heads && layout == Layout::blhd ? 3 : 2) = rows;
  return sizes.shape();
}

Heads view(const Tensor& x, const Axes& axes) {
  return {x.data(), axes.batch, axes.head, axes.row};
}

// The past keys or values, then the given ones: (B, kv heads, P + S, width).
Tensor joined(const Tensor& past, const Heads& now, Index B, Index H, Index P, Index S,
              Index width) {
  Tensor all = Tensor::empty({B, H, P + S, width});
  for (Index b = 0; b < B; ++b) {
    for (Index h = 0; h < H; ++h) {
      float* rows = all.data() + (b * H + h) * (P + S) * width;
      std::copy_n(past.data() + (b * H + h) * P * width, P * width, rows);
      for (Index s = 0; s < S; ++s) {
        std::copy_n(now.at(b, h) + s * now.row, width, rows + (P + s) * width);
      }
    }
  }
  return all;
}

bool is_product(Score score) {
  return score == Score::scaled_dot || score == Score::dot || score == Score::cosine;
}

void expect_past(const AttentionOptions& options, const AttentionSizes& sizes) {
  const Tensor &key = options.past_key, &value = options.past_value;
  if (key.defined() != value.defined()) {
    throw ValueError(key.defined() ? "attention: past keys without past values"
                                   : "attention: past values without past keys");
  }
  if (!key.defined()) return;
  if (key.shape().rank() != 4) {
    refuse("past keys", key, "(B, kv heads, P, D)");
  }
  const Index P = key.size(2);
  const auto expect = [](const char* operand, const Tensor& x, const Shape& expected) {
    if (x.shape() != expected) refuse(operand, x, expected);
  };
  expect("past keys", key, {sizes.B, sizes.kv_heads, P, sizes.Dk});
  expect("past values", value, {sizes.B, sizes.kv_heads, P, sizes.Dv});
}

}  // namespace

Operands operands(const Tensor& q, const Tensor& k, const Tensor& v,
                  const AttentionOptions& options) {
  const Layout layout = options.layout.value_or(convention(options.convention).layout);
  if (options.heads < 0 || options.kv_heads < 0 || (options.kv_heads && !options.heads)) {
    throw ValueError("attention: heads are ", options.heads, " and kv_heads ", options.kv_heads,
                     ", expected kv_heads with heads, neither below 0");
  }
  const Index heads = options.heads;
  const Index kv_heads = options.kv_heads ? options.kv_heads : heads;
  const Axes query = axes_of("queries", q, layout, heads);
  const Axes key = axes_of("keys", k, layout, kv_heads);
  const Axes value = axes_of("values", v, layout, kv_heads);

  const Index rank = q.shape().rank();
  if (k.shape().rank() != rank || v.shape().rank() != rank) {
    throw ShapeError("attention: queries are ", q.shape(), ", keys ", k.shape(), ", values ",
                     v.shape(), ", expected as many axes each");
  }
  const Index key_width = is_product(options.score) ? query.width : key.width;
  {
    Sizes expected(k);
    expected.from_end(1) = kv_heads ? kv_heads * key_width : key_width;
    if (query.B != key.B) expected.sizes[0] = query.B;
    if (k.shape() != expected.shape()) refuse("keys", k, expected.shape());
  }
  if (key.H < 1 || query.H % key.H) {
    throw ShapeError("attention: keys have ", key.H, " heads, which do not divide the ", query.H,
                     " of the queries");
  }
  const Shape values = with_sizes(k, layout, kv_heads, key.rows, value.width);
  if (v.shape() != values) refuse("values", v, values);
  if (query.width < 1 || value.width < 1)
    throw ShapeError("attention: queries are ", q.shape(), ", keys ", k.shape(), ", values ",
                     v.shape(), ", expected as many axes each");

  AttentionSizes sizes{.B = query.B,
                       .H = query.H,
                       .kv_heads = key.H,
                       .L = query.rows,
                       .P = 0,
                       .S = key.rows,
                       .D = query.width,
                       .Dk = key.width,
                       .Dv = value.width};
  expect_past(options, sizes);

  Operands result{.sizes = sizes,
                  .axes = {.batch = rank == 4 || (rank == 3 && (heads || layout == Layout::bhld)),
                           .heads = heads || rank == 4 || layout == Layout::blhd},
                  .q = view(q, query),
                  .k = view(k, key),
                  .v = view(v, value),
                  .keys = k,
                  .values = v,
                  .queries = q.shape(),
                  .output = with_sizes(q, layout, heads, query.rows, value.width),
                  .layout = layout,
                  .heads = heads,
                  .joined = false};
  if (options.past_key.defined()) {
    const Index P = options.past_key.size(2);
    result.keys = joined(options.past_key, result.k, sizes.B, key.H, P, sizes.S, sizes.Dk);
    result.values = joined(options.past_value, result.v, sizes.B, key.H, P, sizes.S, sizes.Dv);
    result.k = heads_of(std::as_const(result.keys));
    result.v = heads_of(std::as_const(result.values));
    result.joined = true;
    result.sizes.P = P;
    result.sizes.S += P;
  }
  return result;
}

Shape Operands::weights() const {
  std::vector<Index> all;
  if (axes.batch) all.push_back(sizes.B);
  if (axes.heads) all.push_back(sizes.H);
  all.insert(all.end(), {sizes.L, sizes.S});
  return Shape(all);
}

Heads query_heads(const Tensor& x, const Operands& operands) {
  return view(x, axes_of("queries", x, operands.layout, operands.heads));
}

MutableHeads query_heads(Tensor& x, const Operands& operands) {
  const Heads heads = query_heads(std::as_const(x), operands);
  return {x.data(), heads.batch, heads.head, heads.row};
}

MutableHeads key_heads(Tensor& x, const Operands& operands) {
  const Index heads = operands.heads ? operands.sizes.kv_heads : 0;
  const Heads view_of = view(x, axes_of("keys", x, operands.layout, heads));
  return {x.data(), view_of.batch, view_of.head, view_of.row};
}

MutableHeads all_key_heads(Tensor& x, const Operands& operands) {
  return operands.joined ? heads_of(x) : key_heads(x, operands);
}

}  // namespace regard::attention
