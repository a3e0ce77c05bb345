// SPDX-License-Identifier: MIT
// Biases of scores that depend on how far a key is from a query, learned.
#pragma once

#include "autograd/indexing.h"
#include "layers/parameters.h"

namespace regard::layers {

/// How distances share the rows of a learned table.
enum class RelativeRows {
  /// A row for each near distance, then rows for ever longer ranges, as T5 has it
  /// [Raffel et al. 2020, section 2.1].
  buckets,
  /// A row for each distance -radius … radius; what is further has the last one's
  /// [Shaw et al. 2018, section 3.2].
  clipped,
  /// A row for each difference of rows and columns within a window of an image
  /// [Liu et al. 2021, eq. 4].
  window,
};

struct RelativeOptions {
  RelativeRows rows = RelativeRows::buckets;
  Index buckets = 32;         ///< of buckets: how many
  Index max_distance = 128;   ///< of buckets: from here on all distances share the last one
  bool bidirectional = true;  ///< of buckets: half of them for keys after the query; else those
                              ///< count as at distance 0, and causal attention hides them
  Index radius = 16;          ///< of clipped
  Index height = 7;           ///< of window, in places
  Index width = 7;            ///< of window, in places
};

/// throws ValueError "operation: -1 queries and 3 keys from place 0 on, …" unless all are from 0 to
/// 2^24.
void expect_places(const char* operation, Index L, Index S, Index first);

/// How many rows a table has. throws ValueError for options that cannot be.
Index relative_rows(const RelativeOptions& options);

/// The row of the table for each query and key, (L, S).
///
/// first   the place of query 0; keys begin at 0. Windows have first 0 and L = S = height width
/// throws  ValueError unless a window has that; as expect_places
autograd::Indices relative_indices(const RelativeOptions& options, Index L, Index S,
                                   Index first = 0);

/// A learned number for each row and head, added to the scores.
///
///     bias[h, i, j] = table[row(j - i), h]
class RelativeBias {
 public:
  /// throws ValueError as relative_rows
  RelativeBias(Index H, const RelativeOptions& options, Initializer& initializer);

  /// The bias of L queries against S keys, (1, H, L, S). throws as relative_indices.
  Variable forward(Pass& pass, Index L, Index S, Index first = 0) const;
  /// T5's name of the table, or Swin's for a window's.
  void collect(const std::string& prefix, Parameters& parameters) const;

 private:
  RelativeOptions options_;
  Variable table_;  // (rows, H)
};

/// A learned key for each row, which queries are compared with [Shaw et al. 2018, eq. 4].
///
///     bias[h, i, j] = scale q[h, i] · table[row(j - i)]
class RelativeKeys {
 public:
  /// D       the width of a head
  /// throws  ValueError as relative_rows
  RelativeKeys(Index D, const RelativeOptions& options, Initializer& initializer);

  /// The bias of queries (B, H, L, D) against S keys, (B, H, L, S), scaled by 1 / sqrt(D) as their
  /// scores are. throws ShapeError if the queries have another width; as relative_indices.
  Variable forward(Pass& pass, const Variable& queries, Index S, Index first = 0) const;
  void collect(const std::string& prefix, Parameters& parameters) const;

 private:
  RelativeOptions options_;
  Variable table_;  // (rows, D)
};

}  // namespace regard::layers
