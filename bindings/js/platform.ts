// SPDX-License-Identifier: MIT
// What differs between a browser and Node: where files come from, and how threads talk.
import type { WasmFile } from './compile.js';

/** Two ends of a conversation between threads. */
export interface Channel {
  post(message: unknown, transfer: ArrayBuffer[]): void;
  listen(handler: (message: unknown) => void): void;
}

/** A Worker, seen by the one who made it; channel.browser.ts and channel.node.ts make it of one. */
export interface WorkerChannel extends Channel {
  /** Calls `handler` with a sentence if the Worker dies of itself. */
  onDeath(handler: (reason: string) => void): void;
  /** Whether an answer is awaited: a Node process does not end as long as one is. */
  hold(awaited: boolean): void;
  terminate(): void;
}

export interface Platform {
  /** The address that a person's text means: relative to the page, or a path of this machine. */
  resolve(location: string | URL): URL;
  /** Where a wasm file lies beside this module. */
  wasmUrl(file: WasmFile): URL;
  /** Where models lie beside this module. */
  modelsUrl(): URL;
  /** Starts a Worker that runs thread.ts. throws if the host refuses. */
  startThread(): WorkerChannel;
  /** A file of this machine; undefined if there is none. Absent where files cannot be read. */
  readFile?(url: URL): Promise<Uint8Array<ArrayBuffer> | undefined>;
}

/** Makes a Worker that runs `serve` of service.ts; apart from Platform, which that Worker imports. */
export type Spawn = (factory: (() => Worker) | undefined) => WorkerChannel;
