// SPDX-License-Identifier: MIT
// The only place that asks what this host can do. Nothing is probed before it is asked for, so that
// a server may import the library.

// so that the types compile where the reader's own settings do not name it
/// <reference lib="esnext.disposable" preserve="true" />

export type Build = 'simd' | 'relaxed';

// A module with one function () -> v128; `body` is its code.
function validates(...body: number[]): boolean {
  const header = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];
  const type = [0x01, 0x05, 0x01, 0x60, 0x00, 0x01, 0x7b];
  const declaration = [0x03, 0x02, 0x01, 0x00];
  const code = [0x0a, body.length + 4, 0x01, body.length + 2, 0x00, ...body, 0x0b];
  return (
    typeof WebAssembly === 'object' &&
    WebAssembly.validate(new Uint8Array([...header, ...type, ...declaration, ...code]))
  );
}

const zero = [0x41, 0x00, 0xfd, 0x0f]; // i32.const 0, i8x16.splat

/** Wasm with 128-bit SIMD, and exceptions in the encoding that every current browser reads. */
export function hasSimd(): boolean {
  const tryCatchAll = [0x06, 0x40, 0x19, 0x0b]; // try, catch_all, end
  return validates(...zero, 0xfd, 0x62) && validates(...tryCatchAll, ...zero); // i8x16.popcnt
}

/** Relaxed SIMD: f32x4.relaxed_madd. */
export function hasRelaxedSimd(): boolean {
  return hasSimd() && validates(...zero, ...zero, ...zero, 0xfd, 0x85, 0x02);
}

/** The fastest build that this host runs, or undefined. */
export function fastestBuild(): Build | undefined {
  return hasRelaxedSimd() ? 'relaxed' : hasSimd() ? 'simd' : undefined;
}

/** Whether threads can share memory here: in Node, and in pages that are isolated from others. */
export function sharesMemory(): boolean {
  return typeof SharedArrayBuffer === 'function' && isIsolated() !== false;
}

/** How many threads this host runs at once; 1 where nobody should take them unasked, as in Node. */
export function processors(): number {
  return isIsolated() ? navigator.hardwareConcurrency : 1;
}

// By the headers that the page came with; undefined where there are no pages.
function isIsolated(): boolean | undefined {
  return (globalThis as { crossOriginIsolated?: boolean }).crossOriginIsolated;
}

/** What `using x = …` calls at the end of the block; a symbol of its own where the host has none. */
export const disposeSymbol: typeof Symbol.dispose =
  (Symbol as { dispose?: typeof Symbol.dispose }).dispose ??
  (Symbol.for('Symbol.dispose') as typeof Symbol.dispose);

/** What relative addresses are relative to: the page, or the file of this Worker, if any. */
export function pageUrl(): string | undefined {
  if (typeof document === 'object') return document.baseURI;
  return typeof self === 'object' ? self.location.href : undefined;
}

/** The store for downloads, or undefined: private windows and foreign frames refuse it. */
export async function openCache(name: string): Promise<Cache | undefined> {
  try {
    return typeof caches === 'object' ? await caches.open(name) : undefined;
  } catch {
    return undefined;
  }
}

/** SHA-256 in hexadecimal digits, or undefined where the host computes none (plain http). */
export async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string | undefined> {
  if (typeof crypto !== 'object' || !crypto.subtle) return undefined;
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Lets the host do what waits: events, timers, paint. Resolves at once after. */
export function nextTask(): Promise<void> {
  if (typeof setImmediate === 'function') return new Promise((resolve) => setImmediate(resolve));
  // Not setTimeout, which browsers hold back for 4 ms, and for a second in hidden tabs.
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });
}
