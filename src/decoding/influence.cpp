// SPDX-License-Identifier: MIT
#include "decoding/influence.h"

#include <numeric>
#include <utility>

#include "attention/measures.h"

namespace regard::decoding {

namespace {

double total(const std::vector<float>& terms) {
  return std::accumulate(terms.begin(), terms.end(), 0.0);
}

// The mean over layers of what each source piece receives.
Tensor received_across(const Trace& trace) {
  Tensor sum = Tensor::zeros({trace.source.size()});
  Index layers = 0;
  for (const auto& [name, weights] : trace.steps) {
    if (!name.ends_with(".cross.weights")) continue;
    const Tensor received = attention::received(weights);
    for (Index s = 0; s < sum.count(); ++s) sum.data()[s] += received.data()[s];
    ++layers;
  }
  for (float& value : sum.values()) value /= static_cast<float>(layers);
  return sum;
}

}  // namespace

Influence::Influence(std::shared_ptr<const models::MarianModel> model, const std::string& source,
                     const Ids& target)
    : model_(std::move(model)), target_ids_(target) {
  constexpr auto weights = static_cast<unsigned>(attention::Stage::weights);
  trace_ = trace(*model_, source, target_ids_, {.stages = 1u << weights});
  if (trace_.source.empty()) throw ValueError("influence: the source is empty");
  whole_ = total(trace_.log_probabilities);
  attention_ = received_across(trace_);
  influence_ = Tensor::zeros(attention_.shape());
}

bool Influence::step() {
  if (next_ == influence_.count()) return false;
  Ids rest = trace_.source.ids();
  rest.erase(rest.begin() + next_);
  influence_.data()[next_] =
      static_cast<float>(whole_ - total(log_probabilities(model_->transformer, rest, target_ids_)));
  return ++next_ < influence_.count();
}

double Influence::agreement() const {
  if (next_ < influence_.count()) throw ValueError("influence: not all pieces were left out yet");
  return attention::kendall_tau(influence_.values(), attention_.values());
}

}  // namespace regard::decoding
