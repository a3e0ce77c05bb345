// SPDX-License-Identifier: MIT
// Which wasm file runs, where it comes from, and its code, compiled once for all engines.
import { describe, fail } from './error.js';
import type { Build } from './features.js';
import { fastestBuild, hasRelaxedSimd, hasSimd } from './features.js';
import type { Platform } from './platform.js';
import type { LoadOptions } from './types.js';

/** The name of a wasm file, and of the module around it. */
export type WasmFile = `regard-${'' | 'lab-'}${'' | 'threads-'}${Build}`;

/** The file of a build, with or without the laboratory and threads. */
export function wasmFile(build: Build, { lab }: LoadOptions, threads: boolean): WasmFile {
  return `regard-${lab ? 'lab-' : ''}${threads ? 'threads-' : ''}${build}`;
}

/** The build to run: the one asked for, or the fastest. throws ValueError if it does not run here. */
export function pickBuild({ build, wasmBinary }: LoadOptions): Build {
  if (build !== undefined && build !== 'simd' && build !== 'relaxed') {
    fail('ValueError', `load: build is ${JSON.stringify(build)}, expected 'simd' or 'relaxed'`);
  }
  const runs = build === 'relaxed' ? hasRelaxedSimd() : hasSimd();
  if (!runs) {
    fail(
      'ValueError',
      `load: this host does not run WebAssembly with ${build ?? 'simd'} instructions`,
    );
  }
  return build ?? (wasmBinary ? 'simd' : (fastestBuild() ?? 'simd'));
}

// By address.
const modules = new Map<string, Promise<WebAssembly.Module>>();

/** The code of a file, fetched and compiled once for each address. */
export function compiled(
  platform: Platform,
  file: WasmFile,
  { baseUrl, wasmBinary }: LoadOptions,
): Promise<WebAssembly.Module> {
  if (wasmBinary) return WebAssembly.compile(wasmBinary).catch(refuse('wasmBinary'));
  const folder =
    baseUrl === undefined ? undefined : platform.resolve(baseUrl).href.replace(/\/?$/, '/');
  const url = folder ? new URL(`${file}.wasm`, folder) : platform.wasmUrl(file);
  const known = modules.get(url.href);
  if (known) return known;
  const fresh = compileAt(platform, url);
  modules.set(url.href, fresh);
  fresh.catch(() => modules.delete(url.href)); // so that the next load() tries again
  return fresh;
}

/** What a developer can do about a wasm file that is not where it is looked for. */
const remedy = '; the option baseUrl says where the wasm files lie';

async function compileAt(platform: Platform, url: URL): Promise<WebAssembly.Module> {
  if (url.protocol === 'file:' && platform.readFile) {
    const bytes = await platform.readFile(url);
    if (!bytes) fail('DownloadError', `load: there is no ${url.href}`);
    return WebAssembly.compile(bytes).catch(refuse(url.href));
  }
  const response = await fetch(url).catch((error: unknown) =>
    fail(
      'DownloadError',
      `load: ${url.href} could not be fetched (${describe(error).message})${remedy}`,
      error,
    ),
  );
  if (!response.ok) fail('DownloadError', `load: ${url.href} answered ${response.status}${remedy}`);
  // Some servers do not know the type of a wasm file, and streaming refuses what they send.
  const streams = response.headers.get('content-type')?.startsWith('application/wasm');
  return (
    streams
      ? WebAssembly.compileStreaming(response)
      : WebAssembly.compile(await response.arrayBuffer())
  ).catch(refuse(url.href));
}

function refuse(what: string): (error: unknown) => never {
  return (error) => {
    const { message } = describe(error);
    if (/Content Security|CSP|Refused/.test(message)) {
      const policy = "its policy must have 'wasm-unsafe-eval' in script-src";
      fail('ValueError', `load: this page forbids WebAssembly, ${policy} (${message})`, error);
    }
    const other = message.includes('magic') ? ': something else was sent in its place' : '';
    return fail('FormatError', `load: ${what} is not the engine${other} (${message})`, error);
  };
}
