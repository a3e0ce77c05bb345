// SPDX-License-Identifier: MIT
// Every error of the library is born in this file. The names are those of src/tensor/error.h, and
// what only a host can suffer: a lost connection, a disposed object, a dead engine.

/** Two operands whose shapes do not fit each other. */
export class ShapeError extends Error {
  override readonly name = 'ShapeError';
}
/** A number, option or text outside of what an operation accepts. */
export class ValueError extends Error {
  override readonly name = 'ValueError';
}
/** A file or buffer that is not what its format prescribes. */
export class FormatError extends Error {
  override readonly name = 'FormatError';
}
/** More memory than this host gives, or a size that no host could give. */
export class OutOfMemoryError extends Error {
  override readonly name = 'OutOfMemoryError';
}
/** Something used after its `dispose()`, or after its engine's. */
export class DisposedError extends Error {
  override readonly name = 'DisposedError';
}
/** The engine broke in an earlier call and must be replaced: `await load()` gives a fresh one. */
export class PoisonedError extends Error {
  override readonly name = 'PoisonedError';
}
/** A file that could not be fetched, or only in part. */
export class DownloadError extends Error {
  override readonly name = 'DownloadError';
}
/** A command that was not given as it must be. */
class UsageError extends Error {
  override readonly name = 'UsageError';
}

const classes = {
  ShapeError,
  ValueError,
  FormatError,
  OutOfMemoryError,
  DisposedError,
  PoisonedError,
  DownloadError,
  UsageError,
};

export type ErrorName = keyof typeof classes;

/** An error as it crosses from C++ or from a Worker. */
export interface ErrorReport {
  readonly name: string;
  readonly message: string;
}

/** Throws the error of this name: `fail('ShapeError', 'attention: …')`. */
export function fail(name: ErrorName, message: string, cause?: unknown): never {
  throw errorOf(name, message, cause);
}

/** The same, not thrown yet. */
export function errorOf(name: ErrorName, message: string, cause?: unknown): Error {
  return new classes[name](message, cause === undefined ? undefined : { cause });
}

/** The error that a report stands for; one of an unknown name becomes a PoisonedError. */
export function fromReport({ name, message }: ErrorReport): Error {
  if (name === 'AbortError') return new DOMException(message, 'AbortError');
  if (Object.hasOwn(classes, name)) return errorOf(name as ErrorName, message);
  return errorOf('PoisonedError', `${name}: ${message}`);
}

/** An error as it crosses to the thread that asked. */
export function toReport(error: unknown): ErrorReport {
  const { name, message } = describe(error);
  return { name, message };
}

/** Name and message of anything that was thrown, also by another realm or a careless library. */
export function describe(thrown: unknown): ErrorReport {
  if (typeof thrown === 'object' && thrown !== null && 'message' in thrown) {
    const name = 'name' in thrown ? String(thrown.name) : 'Error';
    return { name, message: String(thrown.message) };
  }
  return { name: 'Error', message: String(thrown) };
}

/** Throws what the platform throws for an aborted signal: its reason, an AbortError by default. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw abortReason(signal);
}

export function abortReason(signal: AbortSignal): unknown {
  return signal.reason ?? new DOMException('The operation was aborted.', 'AbortError');
}
