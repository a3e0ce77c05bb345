// SPDX-License-Identifier: MIT
// Decimal numbers as texts. The readers at hand are exact as well, but bring tables or arithmetic
// in 128 bits: 4 kB (RapidJSON's) and 7 kB (C's strtod) of a compressed module, against 0.5.
#pragma once

#include <string_view>

namespace regard::io {

/// The double nearest to a number as JSON writes it, `-12.5e-3`; of two equally near the even one.
/// It is infinite if the number is 2^1024 or nearly so.
///
/// text  a JSON number: whoever found it has checked that
/// Cost: the square of the digits that count, at most 800, and of the exponent, at most 330.
double read_decimal(std::string_view text);

}  // namespace regard::io
