// SPDX-License-Identifier: MIT
// The package `regard` in a browser.
import { loader } from './load.js';
import { browser } from './platform.browser.js';
import { spawn } from './spawn.browser.js';

/**
 * Starts an engine: `const regard = await load()`. Its code is fetched once; each call gives an
 * engine with memory of its own.
 * @throws DownloadError if the wasm file cannot be had; ValueError for a host or option that does
 *   not do
 */
export const load = loader(browser, spawn);

export * from './public.js';
