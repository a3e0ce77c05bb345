// SPDX-License-Identifier: MIT
// Where things lie in the clone; every script names folders from here.
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
/** All that is made here; ignored by git. */
export const build = join(root, 'build');
/** The compiled TypeScript, in the folders of its sources, with the wasm files beside the package. */
export const js = join(build, 'js');
export const packageFolder = join(js, 'bindings/js');
export const site = join(build, 'site');
export const singleFile = join(build, 'regard.html');
/** What is published to npm. */
export const dist = join(root, 'dist');
/** The wasm modules: see CMakeLists.txt. */
export const wasmModules = ['', 'lab-', 'threads-', 'lab-threads-'].flatMap((kind) => [
  `regard-${kind}simd`,
  `regard-${kind}relaxed`,
]);
export const wasmFiles = wasmModules.flatMap((name) => [`${name}.mjs`, `${name}.wasm`]);
