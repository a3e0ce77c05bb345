// SPDX-License-Identifier: MIT
// Puts functions of a WebAssembly module that look alike next to each other, because what compresses a
// file sees no further back than 32 kB: a module of 434 kB takes 173 kB compressed, in place of 183.
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Trouble } from './log.mjs';
import { ask, run } from './run.mjs';

// Functions are alike in the runs of bytes that they share, but for those that everything has.
const runLength = 6;
const everywhere = 200;
const memory = 28_000;

// What Emscripten may have used, all of it in every browser that has SIMD; the last where the module is.
const features = [
  ...['bulk-memory', 'exception-handling', 'multivalue', 'mutable-globals'],
  ...['nontrapping-float-to-int', 'reference-types', 'sign-ext', 'simd', 'relaxed-simd', 'threads'],
].map((feature) => `--enable-${feature}`);

/** Writes the module `from` to `to`, arranged; `tools` is what toolchain() found. */
export async function arrange(from, to, tools) {
  const folder = ask(join(tools.emscripten, 'em-config'), ['BINARYEN_ROOT'], { env: tools.env });
  if (!folder) throw new Trouble('em-config does not say where Binaryen is.');

  // Binaryen puts functions in the order of their names: they get names that are in our order
  const module = readFileSync(from);
  const { imports, bodies } = functionsOf(module);
  const named = `${to}.named`;
  writeFileSync(named, Buffer.concat([module, nameSection(imports, order(bodies))]));
  const passes = ['-Oz', '--reorder-functions-by-name'];
  const options = ['--mvp-features', ...features, ...passes, named, '-o', to];
  await run(join(folder, 'bin/wasm-opt'), options, { env: tools.env });
  rmSync(named);
}

/** The places of bodies, each followed by the one that has most in common with those before it. */
export function order(bodies) {
  const runs = bodies.map(runsOf);
  const holders = new Map();
  runs.forEach((own, place) => own.forEach((each) => push(holders, each, place)));
  for (const [each, places] of holders) {
    if (places.length < 2 || places.length >= everywhere) holders.delete(each);
  }

  const known = new Map(); // how often the last bodies have a run
  const shared = new Array(bodies.length).fill(0); // how many known runs a body has
  const note = (place, sign) => {
    for (const each of runs[place]) {
      const places = holders.get(each);
      if (!places) continue;
      const before = known.get(each) ?? 0;
      known.set(each, before + sign);
      if (before === 0 || before + sign === 0) for (const one of places) shared[one] += sign;
    }
  };

  const left = new Set(bodies.keys());
  const result = [];
  let [oldest, size] = [0, 0];
  while (left.size > 0) {
    let next = -1;
    let most = -1;
    for (const place of left) {
      const share = shared[place] / (bodies[place].length + 30);
      if (share > most) [next, most] = [place, share];
    }
    left.delete(next);
    result.push(next);
    note(next, 1);
    size += bodies[next].length;
    for (; size > memory && oldest + 1 < result.length; ++oldest) {
      note(result[oldest], -1);
      size -= bodies[result[oldest]].length;
    }
  }
  return result;
}

function runsOf(body) {
  const text = body.toString('latin1');
  const runs = new Set();
  for (let i = 0; i + runLength <= text.length; ++i) runs.add(text.slice(i, i + runLength));
  return runs;
}

function push(lists, key, value) {
  const list = lists.get(key);
  if (list) list.push(value);
  else lists.set(key, [value]);
}

/** How many functions a module imports, and the bodies of its own. */
export function functionsOf(module) {
  const reader = { bytes: module, at: 8 };
  const found = { imports: 0, bodies: [] };
  while (reader.at < module.length) {
    const section = module[reader.at++];
    const size = readNumber(reader);
    const end = reader.at + size;
    if (section === 2) found.imports = countImports(reader);
    if (section === 10) {
      for (let count = readNumber(reader); count > 0; --count) {
        const length = readNumber(reader);
        found.bodies.push(module.subarray(reader.at, reader.at + length));
        reader.at += length;
      }
    }
    reader.at = end;
  }
  return found;
}

// Emscripten imports functions, and a memory that is shared; the table is the module's own.
function countImports(reader) {
  let functions = 0;
  for (let count = readNumber(reader); count > 0; --count) {
    for (let part = 0; part < 2; ++part) {
      const length = readNumber(reader);
      reader.at += length;
    }
    const kind = reader.bytes[reader.at++];
    if (kind !== 0 && kind !== 2) throw new Trouble('a module imports a table or a global.');
    readNumber(reader); // a function's type
    if (kind === 0) ++functions;
    else for (let limit = 0; limit < 2; ++limit) readNumber(reader);
  }
  return functions;
}

/** A section that names function `imports + order[i]` by its place i. */
function nameSection(imports, order) {
  const place = new Array(order.length);
  order.forEach((body, i) => (place[body] = i));
  const digits = String(order.length).length;
  const names = place.map((i, body) => [
    ...number(imports + body),
    ...string(String(i).padStart(digits, '0')),
  ]);
  const functions = [...number(order.length), ...names.flat()];
  const content = [...string('name'), 1, ...number(functions.length), ...functions];
  return Buffer.from([0, ...number(content.length), ...content]);
}

const string = (text) => [...number(text.length), ...Buffer.from(text)];

function number(value) {
  return value < 128 ? [value] : [128 | (value & 127), ...number(value >>> 7)];
}

function readNumber(reader) {
  let value = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = reader.bytes[reader.at++];
    value |= (byte & 127) << shift;
    if (byte < 128) return value >>> 0;
  }
}
