// SPDX-License-Identifier: MIT
// The same numbers in another arrangement, numbers by their place, and products.
#include "autograd/arrangement.h"

#include "autograd/indexing.h"
#include "autograd/product.h"
#include "indices.h"
#include "operation.h"

namespace regard::bindings {
namespace {

// Where one size is -1, it is what is left.
Shape shape_of(const Call& call) {
  std::vector<Index> sizes = call.options.wholes("shape");
  Index known = 1, unknown = -1;
  for (size_t i = 0; i < sizes.size(); ++i) {
    if (sizes[i] != -1) {
      known = checked_product(known, sizes[i]);
    } else if (unknown < 0) {
      unknown = static_cast<Index>(i);
    } else {
      throw ValueError(call.options.operation(), ": two sizes are -1, expected one at most");
    }
  }
  if (unknown >= 0 && known > 0) {
    sizes[static_cast<size_t>(unknown)] = call.value(0).count() / known;
  }
  return Shape(sizes);
}

void reshape(Call& call, int) {
  call.give(autograd::reshape(call.tape, call.input(0), shape_of(call)));
}

void expand(Call& call, int) {
  call.give(autograd::broadcast_to(call.tape, call.input(0), Shape(call.options.wholes("shape"))));
}

void permute(Call& call, int) {
  call.give(autograd::permute(call.tape, call.input(0), call.options.wholes("order")));
}

void transpose(Call& call, int) {
  call.give(autograd::transpose(call.tape, call.input(0), call.options.whole("first"),
                                call.options.whole("second")));
}

void slice(Call& call, int) {
  call.give(autograd::slice(call.tape, call.input(0), call.options.whole("axis"),
                            call.options.whole("start"), call.options.whole("stop")));
}

void diagonal(Call& call, int) {
  call.give(autograd::diagonal(call.tape, call.input(0), call.options.whole("first"),
                               call.options.whole("second")));
}

using Join = Variable (*)(Tape&, const Variables&, Index);
constexpr Join joins[] = {autograd::concatenate, autograd::stack};

void join(Call& call, int kind) {
  call.give(joins[kind](call.tape, call.all(), call.options.whole("axis", 0)));
}

using Pick = Variable (*)(Tape&, const Variable&, const autograd::Indices&, Index);
constexpr Pick picks[] = {autograd::index_select, autograd::take_along_axis};

void pick(Call& call, int kind) {
  const autograd::Indices indices = whole_numbers(call, 1, "indices");
  call.give(picks[kind](call.tape, call.input(0), indices, call.options.whole("axis")));
}

void one_hot(Call& call, int) {
  call.give(autograd::one_hot(whole_numbers(call, 0, "classes"), call.options.whole("classes")));
}

void matmul(Call& call, int) {
  call.give(autograd::matmul(call.tape, call.input(0), call.input(1)));
}

void linear(Call& call, int) {
  const Shape& weight = call.value(1).shape();
  if (weight.rank() != 2) throw ShapeError("linear: weight is ", weight, ", expected (N, K)");
  const Variable bias = call.optional_input(2);
  call.give(autograd::linear(call.tape, call.input(0), call.input(1), bias));
}

void einsum(Call& call, int) {
  call.give(autograd::einsum(call.tape, call.options.text("equation"), call.all()));
}

constexpr Operation table[] = {
    {"reshape", "shape", reshape},
    {"expand", "shape", expand},
    {"permute", "order", permute},
    {"transpose", "first second", transpose},
    {"slice", "axis start stop", slice},
    {"diagonal", "first second", diagonal},
    {"concatenate", "axis", join, 0},
    {"stack", "axis", join, 1},
    {"indexSelect", "axis", pick, 0},
    {"takeAlongAxis", "axis", pick, 1},
    {"oneHot", "classes", one_hot},
    {"matmul", "", matmul},
    {"linear", "", linear},
    {"einsum", "equation", einsum},
};

}  // namespace

Operations arrangement_operations() noexcept { return table; }

}  // namespace regard::bindings
