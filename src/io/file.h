// SPDX-License-Identifier: MIT
// Whole files, for the native programs: in a page the bytes come from JavaScript.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "io/bytes.h"

namespace regard::io {

/// All bytes of a file. throws ValueError `read_file: /a/b: No such file or directory`.
Bytes read_file(const std::string& path);

/// Puts bytes into a file, so that whoever opens it, even after a crash, finds either what was
/// there before or all of the new: writes `path.new` beside it, waits for the disk and renames.
/// throws ValueError `write_file: /a/b: No space left on device`; the file is as it was then.
void write_file(const std::string& path, ByteSpan bytes);

/// Puts files that belong together into a folder, which is made if need be. Whoever opens it finds,
/// even after a crash, all of the old or all of the new, or for a moment none of the name of the
/// last, without which the others are of no use. Files of other names stay.
/// throws ValueError as write_file(); if there is no room, the files are as they were then.
void write_files(const std::string& folder,
                 const std::vector<std::pair<std::string, Bytes>>& files);

}  // namespace regard::io
