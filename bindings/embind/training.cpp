// SPDX-License-Identifier: MIT
// Optimizers, by number.
#include <memory>

#include "operation.h"
#include "training/adam.h"
#include "training/sgd.h"
#include "variables.h"

namespace regard::bindings {
namespace {

// One of the two.
struct Optimizer {
  std::unique_ptr<training::Adam> adam;
  std::unique_ptr<training::Sgd> sgd;
};

Held<std::unique_ptr<Optimizer>>& held_optimizers() {
  static Held<std::unique_ptr<Optimizer>> optimizers;
  return optimizers;
}

layers::Parameters parameters_of(const Call& call) {
  layers::Parameters parameters;
  for (const Variable& input : call.all()) {
    if (!input->needs_gradient || input->made) {
      throw ValueError(call.options.operation(), ": tensor ", parameters.size(),
                       " is no parameter: make it with parameter()");
    }
    parameters.emplace_back(std::to_string(parameters.size()), input);
  }
  return parameters;
}

void answer_with(Call& call, std::unique_ptr<Optimizer> optimizer) {
  call.answer = std::to_string(held_optimizers().keep(std::move(optimizer)));
}

float checked(const Options& options, std::string_view name, float fallback, float below) {
  const float value = options.number(name, fallback);
  if (!(value >= 0 && value < below)) {
    options.refuse(name, *options.find(name), below > 1 ? "0 or more" : "0 to below 1");
  }
  return value;
}

constexpr float infinity = std::numeric_limits<float>::infinity();

// PyTorch's defaults.
void adam(Call& call, int) {
  const Options& options = call.options;
  const training::AdamOptions core{.beta1 = checked(options, "beta1", 0.9f, 1),
                                   .beta2 = checked(options, "beta2", 0.999f, 1),
                                   .epsilon = checked(options, "epsilon", 1e-8f, infinity),
                                   .weight_decay = checked(options, "weightDecay", 0, infinity),
                                   .clip_norm = checked(options, "clipNorm", 0, infinity)};
  auto optimizer = std::make_unique<Optimizer>();
  optimizer->adam = std::make_unique<training::Adam>(parameters_of(call), core);
  answer_with(call, std::move(optimizer));
}

void sgd(Call& call, int) {
  const training::SgdOptions core{
      .momentum = checked(call.options, "momentum", 0, 1),
      .weight_decay = checked(call.options, "weightDecay", 0, infinity)};
  auto optimizer = std::make_unique<Optimizer>();
  optimizer->sgd = std::make_unique<training::Sgd>(parameters_of(call), core);
  answer_with(call, std::move(optimizer));
}

int number_of(const Call& call) { return static_cast<int>(call.options.whole("optimizer")); }

// Answers with the norm of all gradients.
void step(Call& call, int) {
  const Optimizer& optimizer = *held_optimizers().at(number_of(call));
  const float rate = checked(call.options, "rate", 0, infinity);
  ++parameter_changes();
  const double norm = optimizer.adam ? optimizer.adam->step(rate) : optimizer.sgd->step(rate);
  call.answer = std::isfinite(norm) ? io::Json(norm).to_string() : "null";
}

void zero_gradients(Call& call, int) {
  for (const Variable& input : call.all()) input->gradient = Tensor();
}

void release(Call& call, int) { held_optimizers().release(number_of(call)); }

constexpr Operation table[] = {
    {"adam", "beta1 beta2 epsilon weightDecay clipNorm", adam},
    {"sgd", "momentum weightDecay", sgd},
    {"optimizer.step", "optimizer rate", step},
    {"optimizer.release", "optimizer", release},
    {"zeroGrad", "", zero_gradients},
};

}  // namespace

Operations training_operations() noexcept { return table; }

}  // namespace regard::bindings
