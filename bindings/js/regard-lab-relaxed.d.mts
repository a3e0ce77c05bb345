// SPDX-License-Identifier: MIT
export { default } from './regard-simd.mjs';
