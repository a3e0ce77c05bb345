// SPDX-License-Identifier: MIT
import { pageUrl } from './features.js';
import type { Platform } from './platform.js';

export const browser: Platform = {
  resolve: (location) => new URL(location, pageUrl()),
  // Written out, so that bundlers see the files and bring them along.
  wasmUrl: (build) =>
    build === 'relaxed'
      ? new URL('./regard-relaxed.wasm', import.meta.url)
      : new URL('./regard-simd.wasm', import.meta.url),
  modelsUrl() {
    const here = import.meta.url; // a folder, no asset for bundlers to bring along
    return new URL('models/', here);
  },
};
