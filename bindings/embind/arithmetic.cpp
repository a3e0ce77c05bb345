// SPDX-License-Identifier: MIT
// Element by element, and over axes.
#include "autograd/arithmetic.h"

#include "autograd/functions.h"
#include "autograd/indexing.h"
#include "autograd/normalization.h"
#include "autograd/reduction.h"
#include "autograd/selection.h"
#include "operation.h"

namespace regard::bindings {
namespace {

using kernels::Activation;
using kernels::Comparison;
using kernels::Function;

void apply(Call& call, int kind) {
  call.give(autograd::apply(call.tape, call.input(0), static_cast<Function>(kind)));
}

void activate(Call& call, int kind) {
  call.give(autograd::activation(call.tape, call.input(0), static_cast<Activation>(kind)));
}

void power(Call& call, int) {
  call.give(autograd::power(call.tape, call.input(0), call.options.number("exponent")));
}

using Pair = Variable (*)(Tape&, const Variable&, const Variable&);
constexpr Pair pair_functions[] = {autograd::add,    autograd::subtract, autograd::multiply,
                                   autograd::divide, autograd::maximum,  autograd::minimum};

void pairs(Call& call, int kind) {
  call.give(pair_functions[kind](call.tape, call.input(0), call.input(1)));
}

void compare(Call& call, int kind) {
  call.give(autograd::compare(call.value(0), call.value(1), static_cast<Comparison>(kind)));
}

void where(Call& call, int) {
  call.give(autograd::where(call.tape, call.value(0), call.input(1), call.input(2)));
}

void masked_fill(Call& call, int) {
  call.give(
      autograd::masked_fill(call.tape, call.input(0), call.value(1), call.options.number("value")));
}

void triangle(Call& call, int kind) {
  call.give(autograd::triangle(call.tape, call.input(0), static_cast<autograd::Triangle>(kind),
                               call.options.whole("diagonal", 0)));
}

autograd::ReduceOptions reduce_options(const Options& options) {
  return {.axes = options.wholes("axis"), .keep = options.flag("keep")};
}

using Reduction = Variable (*)(Tape&, const Variable&, const autograd::ReduceOptions&);
constexpr Reduction reductions[] = {autograd::sum, autograd::mean, autograd::max, autograd::min};

void reduce(Call& call, int kind) {
  call.give(reductions[kind](call.tape, call.input(0), reduce_options(call.options)));
}

void variance(Call& call, int) {
  call.give(autograd::variance(call.tape, call.input(0), reduce_options(call.options),
                               call.options.number("correction", 0.0f)));
}

using AlongAxis = Variable (*)(Tape&, const Variable&, Index);
constexpr AlongAxis along_axis[] = {autograd::softmax, autograd::log_softmax,
                                    autograd::cumulative_sum};

void along(Call& call, int kind) {
  call.give(along_axis[kind](call.tape, call.input(0), call.options.whole("axis", -1)));
}

void argmax(Call& call, int) {
  const autograd::Indices found =
      autograd::argmax(call.value(0), call.options.whole("axis", -1), call.options.flag("keep"));
  Tensor places = Tensor::empty(found.shape);
  for (Index i = 0; i < places.count(); ++i) {
    places.data()[i] = static_cast<float>(found.ids[static_cast<size_t>(i)]);
  }
  call.give(std::move(places));
}

constexpr int of(Function kind) { return static_cast<int>(kind); }
constexpr int of(Activation kind) { return static_cast<int>(kind); }
constexpr int of(Comparison kind) { return static_cast<int>(kind); }

constexpr Operation table[] = {
    {"neg", "", apply, of(Function::negate)},
    {"abs", "", apply, of(Function::absolute)},
    {"exp", "", apply, of(Function::exp)},
    {"log", "", apply, of(Function::log)},
    {"sqrt", "", apply, of(Function::sqrt)},
    {"tanh", "", apply, of(Function::tanh)},
    {"sigmoid", "", apply, of(Function::sigmoid)},
    {"sin", "", apply, of(Function::sine)},
    {"cos", "", apply, of(Function::cosine)},
    {"relu", "", activate, of(Activation::relu)},
    {"gelu", "", activate, of(Activation::gelu)},
    {"geluTanh", "", activate, of(Activation::gelu_tanh)},
    {"silu", "", activate, of(Activation::silu)},
    {"pow", "exponent", power},
    {"add", "", pairs, 0},
    {"sub", "", pairs, 1},
    {"mul", "", pairs, 2},
    {"div", "", pairs, 3},
    {"maximum", "", pairs, 4},
    {"minimum", "", pairs, 5},
    {"equal", "", compare, of(Comparison::equal)},
    {"notEqual", "", compare, of(Comparison::not_equal)},
    {"less", "", compare, of(Comparison::less)},
    {"lessEqual", "", compare, of(Comparison::less_equal)},
    {"greater", "", compare, of(Comparison::greater)},
    {"greaterEqual", "", compare, of(Comparison::greater_equal)},
    {"where", "", where},
    {"maskedFill", "value", masked_fill},
    {"tril", "diagonal", triangle, static_cast<int>(autograd::Triangle::lower)},
    {"triu", "diagonal", triangle, static_cast<int>(autograd::Triangle::upper)},
    {"sum", "axis keep", reduce, 0},
    {"mean", "axis keep", reduce, 1},
    {"max", "axis keep", reduce, 2},
    {"min", "axis keep", reduce, 3},
    {"variance", "axis keep correction", variance},
    {"softmax", "axis", along, 0},
    {"logSoftmax", "axis", along, 1},
    {"cumulativeSum", "axis", along, 2},
    {"argmax", "axis keep", argmax},
};

}  // namespace

Operations arithmetic_operations() noexcept { return table; }

}  // namespace regard::bindings
