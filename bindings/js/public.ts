// SPDX-License-Identifier: MIT
// What both entries export beside `load`.
export {
  DisposedError,
  DownloadError,
  FormatError,
  OutOfMemoryError,
  PoisonedError,
  ShapeError,
  ValueError,
} from './error.js';
export type * from './types.js';
