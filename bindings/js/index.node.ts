// SPDX-License-Identifier: MIT
// The package `regard` in Node; index.ts says the rest.
import { loader } from './load.js';
import { node } from './platform.node.js';
import { spawn } from './spawn.node.js';

export const load = loader(node, spawn);

export * from './public.js';
