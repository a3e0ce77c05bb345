// SPDX-License-Identifier: MIT
#include "layers/luong_attention.h"

#include "autograd/arrangement.h"
#include "autograd/functions.h"

namespace regard::layers {

namespace {

using attention::Alignment;
using attention::Score;

LuongOptions checked(LuongOptions options) {
  if (options.key_width == 0) options.key_width = options.D;
  if (options.M == 0) options.M = options.D;
  if (options.D < 1 || options.key_width < 1 || options.M < 1) {
    throw ValueError("luong_attention: states are ", options.D, " wide, keys ", options.key_width,
                     ", the hidden layer ", options.M, ", expected at least 1 each");
  }
  checked_product(options.D, options.key_width);  // so that their sum is a width as well
  const bool known = options.score == Score::dot || options.score == Score::general ||
                     options.score == Score::concat || options.score == Score::location;
  if (!known) throw ValueError("luong_attention: score is not dot, general, concat or location");
  if (options.score == Score::dot && options.key_width != options.D) {
    throw ValueError("luong_attention: dot of states ", options.D, " wide and keys ",
                     options.key_width, " wide, expected one width");
  }
  if (options.score == Score::location && options.places < 1) {
    throw ValueError("luong_attention: location knows ", options.places,
                     " places, expected at least one");
  }
  if (options.alignment != Alignment::softmax && options.alignment != Alignment::local_m &&
      options.alignment != Alignment::local_p) {
    throw ValueError("luong_attention: alignment is not softmax, local_m or local_p");
  }
  return options;
}

}  // namespace

LuongAttention::LuongAttention(const LuongOptions& options, Initializer& initializer)
    : options_(checked(options)),
      combine_(options_.key_width + options_.D, options_.D, initializer, false) {
  const Index D = options_.D, M = options_.M, key_width = options_.key_width;
  const auto vector = [&] { return initializer.uniform({M}, 1.0 / static_cast<double>(M)); };
  if (options_.score == Score::general) score_ = initializer.projection(D, key_width);
  if (options_.score == Score::location) score_ = initializer.projection(options_.places, D);
  if (options_.score == Score::concat) {
    score_ = initializer.projection(M, D + key_width);
    vector_ = vector();
  }
  if (options_.alignment == Alignment::local_p) {
    position_weight_ = initializer.projection(M, D);
    position_vector_ = vector();
  }
}

autograd::AttentionVariables LuongAttention::forward(
    Pass& pass, const Variable& h, const Variable& states,
    const attention::AttentionOptions& options) const {
  attention::AttentionOptions all = options;
  all.score = options_.score;
  all.alignment = options_.alignment;
  all.alignment_options.radius = options_.radius;
  autograd::AttentionVariables found = autograd::attention(pass.tape,
                                                           {.queries = h,
                                                            .keys = states,
                                                            .values = states,
                                                            .score_query = score_,
                                                            .score_vector = vector_,
                                                            .position_weight = position_weight_,
                                                            .position_vector = position_vector_},
                                                           all);
  const Variable both = autograd::concatenate(pass.tape, {found.output, h}, -1);
  found.output = autograd::apply(pass.tape, combine_.forward(pass, both), kernels::Function::tanh);
  return found;
}

Variable LuongAttention::feed(Pass& pass, const Variable& embedding, const Variable& attentional) {
  return autograd::concatenate(pass.tape, {embedding, attentional}, -1);
}

void LuongAttention::collect(const std::string& prefix, Parameters& parameters) const {
  const auto add = [&](const char* name, const Variable& parameter) {
    if (parameter) parameters.emplace_back(under(prefix, name), parameter);
  };
  add("W_a.weight", score_);
  add("v_a", vector_);
  add("W_p.weight", position_weight_);
  add("v_p", position_vector_);
  combine_.collect(under(prefix, "W_c"), parameters);
}

}  // namespace regard::layers
