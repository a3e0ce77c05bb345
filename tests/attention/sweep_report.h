// SPDX-License-Identifier: MIT
// What the sweep saw, by convention and by level of each factor, as build/reports/sweep-….json.
#pragma once

#include <algorithm>
#include <map>
#include <string>

#include "attention/sweep_configuration.h"

namespace regard::attention::sweep {

/// Of many compared numbers.
struct Tally {
  Index configurations = 0;
  Index numbers = 0;
  double largest_error = 0;  ///< in units of the largest number of its tensor, or of 1
  double largest_share = 0;  ///< of the bound that the roundings give

  void add(const Tally& other) {
    configurations += other.configurations;
    numbers += other.numbers;
    largest_error = std::max(largest_error, other.largest_error);
    largest_share = std::max(largest_share, other.largest_share);
  }
};

class Report {
 public:
  /// What one configuration came to.
  void add(const Configuration& configuration, const Tally& tally);
  /// A number beside the tallies.
  void set(const std::string& name, double value) { numbers_[name] = value; }
  const Tally& all() const { return all_; }
  /// Writes build/reports/<name>.json, below the current folder.
  void write(const std::string& name) const;

 private:
  Tally all_;
  std::map<std::string, double> numbers_;
  std::map<std::string, std::map<std::string, Tally>> levels_;  // by factor and level
};

/// Whether the test that runs has failed so often that nobody would read more.
bool has_failed_often();

}  // namespace regard::attention::sweep
