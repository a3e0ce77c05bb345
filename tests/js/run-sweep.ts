// SPDX-License-Identifier: MIT
// Runs the sweep on the wasm files under test and prints what it found, as JSON. A process of its
// own: in Jest's sandbox, where every name of the language is looked up anew, it takes ten times as
// long.
import { sweepGradients } from '../spec/gradients.js';
import { sweep } from '../spec/sweep.js';
import { start, startLab } from './engine.js';

const [small, lab] = [await start(), await startLab()];
const reports = { small: sweep(small), lab: sweep(lab), gradients: sweepGradients(lab) };
process.stdout.write(JSON.stringify(reports));
