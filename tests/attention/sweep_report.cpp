// SPDX-License-Identifier: MIT
#include "attention/sweep_report.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace regard::attention::sweep {

namespace {

std::string quoted(const std::string& text) { return '"' + text + '"'; }

void write_tally(std::ostream& out, const Tally& tally) {
  out << "{\"configurations\": " << tally.configurations << ", \"numbers\": " << tally.numbers
      << ", \"largestError\": " << tally.largest_error
      << ", \"largestShare\": " << tally.largest_share << "}";
}

}  // namespace

void Report::add(const Configuration& configuration, const Tally& tally) {
  all_.add(tally);
  for (size_t f = 0; f < factor_count; ++f) {
    const FactorLevels& factor = factors()[f];
    const char* level = factor.levels[static_cast<size_t>(configuration.levels[f])];
    levels_[factor.name][level].add(tally);
  }
}

void Report::write(const std::string& name) const {
  const std::filesystem::path folder = "build/reports";
  std::filesystem::create_directories(folder);
  std::ofstream out(folder / (name + ".json"));
  out << "{\n  \"name\": " << quoted(name) << ",\n  \"all\": ";
  write_tally(out, all_);
  for (const auto& [key, value] : numbers_) out << ",\n  " << quoted(key) << ": " << value;
  out << ",\n  \"factors\": {";
  const char* between = "\n";
  for (const auto& [factor, levels] : levels_) {
    out << between << "    " << quoted(factor) << ": {";
    const char* comma = "\n";
    for (const auto& [level, tally] : levels) {
      out << comma << "      " << quoted(level) << ": ";
      write_tally(out, tally);
      comma = ",\n";
    }
    out << "}";
    between = ",\n";
  }
  out << "\n  }\n}\n";
}

bool has_failed_often() {
  const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
  return test->result()->total_part_count() > 40;
}

}  // namespace regard::attention::sweep
