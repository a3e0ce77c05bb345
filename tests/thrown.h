// SPDX-License-Identifier: MIT
#pragma once

#include <gtest/gtest.h>

#include <exception>
#include <string>

namespace regard {

/// The message of the error that an action throws; fails the test if it throws none or another.
///   EXPECT_EQ(thrown<ShapeError>([&] { softmax(scores); }), "softmax: …");
template <typename Expected, typename Action>
std::string thrown(Action action) {
  try {
    action();
  } catch (const Expected& error) {
    return error.what();
  } catch (const std::exception& error) {
    ADD_FAILURE() << "another error: " << error.what();
    return error.what();
  }
  ADD_FAILURE() << "no error";
  return "";
}

}  // namespace regard
