// SPDX-License-Identifier: MIT
// What a thread does: it makes an instance of its own of the engine's code around the memory of the
// engine that invites it, and stays in it. Nothing of Emscripten's is needed for that.

import { fail } from './error.js';

/** What a thread is told; the places of functions and addresses are bindings/embind/threads.cpp's. */
export interface Invitation {
  readonly code: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  readonly begin: number;
  readonly abandon: number;
  /** Memory for its stack and its thread-local variables. */
  readonly block: number;
}

type Run = (block?: number) => void;

/** Calls `ready`, and works until the engine ends its threads. */
export async function join(
  { code, memory, begin, abandon, block }: Invitation,
  ready: () => void,
): Promise<void> {
  const imports: Record<string, Record<string, WebAssembly.ImportValue>> = {};
  for (const { module, name, kind } of WebAssembly.Module.imports(code)) {
    (imports[module] ??= {})[name] = kind === 'memory' ? memory : refuse;
  }
  const { exports } = await WebAssembly.instantiate(code, imports);
  // by its kind, since names of exports are shortened
  const functions = Object.values(exports).find((one) => one instanceof WebAssembly.Table)!;
  ready();
  try {
    (functions.get(begin) as Run)(block);
  } catch (error) {
    (functions.get(abandon) as Run)();
    throw error;
  }
}

function refuse(): never {
  fail('PoisonedError', 'a thread called JavaScript');
}
