// SPDX-License-Identifier: MIT
// Jest runs the compiled tests: `npm test` compiles TypeScript into build/js and lays the wasm files beside
// build/js/bindings/js/index.js. Each wasm file is tested by a run of its own, named by REGARD_BUILD
// (simd or relaxed); Node 20 wants --experimental-wasm-relaxed-simd for the latter.
export default {
  rootDir: 'build/js/tests/js',
  testMatch: ['**/*.test.js'],
  testEnvironment: 'node',
  transform: {},
  testTimeout: 60000,
};
