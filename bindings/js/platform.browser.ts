// SPDX-License-Identifier: MIT
import { channel } from './channel.browser.js';
import { pageUrl } from './features.js';
import type { Platform } from './platform.js';

export const browser: Platform = {
  resolve: (location) => new URL(location, pageUrl()),
  // Written out, so that bundlers see the files and bring them along.
  wasmUrl: (file) => {
    switch (file) {
      case 'regard-simd':
        return new URL('./regard-simd.wasm', import.meta.url);
      case 'regard-relaxed':
        return new URL('./regard-relaxed.wasm', import.meta.url);
      case 'regard-lab-simd':
        return new URL('./regard-lab-simd.wasm', import.meta.url);
      case 'regard-lab-relaxed':
        return new URL('./regard-lab-relaxed.wasm', import.meta.url);
      case 'regard-threads-simd':
        return new URL('./regard-threads-simd.wasm', import.meta.url);
      case 'regard-threads-relaxed':
        return new URL('./regard-threads-relaxed.wasm', import.meta.url);
      case 'regard-lab-threads-simd':
        return new URL('./regard-lab-threads-simd.wasm', import.meta.url);
      case 'regard-lab-threads-relaxed':
        return new URL('./regard-lab-threads-relaxed.wasm', import.meta.url);
    }
  },
  startThread: () =>
    channel(new Worker(new URL('./thread.js', import.meta.url), { type: 'module' })),
  modelsUrl() {
    const here = import.meta.url; // a folder, no asset for bundlers to bring along
    return new URL('models/', here);
  },
};
