// SPDX-License-Identifier: MIT
// Engines with several threads, and hosts that do not let them have any.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { afterEach, describe, expect, test } from '@jest/globals';
import { channel } from '../../bindings/js/channel.node.js';
import { Core } from '../../bindings/js/core.js';
import type { Lab, Regard } from '../../bindings/js/index.node.js';
import { load } from '../../bindings/js/index.node.js';
import { join } from '../../bindings/js/join.js';
import { loader } from '../../bindings/js/load.js';
import type { CoreModule } from '../../bindings/js/module.js';
import type { Platform, WorkerChannel } from '../../bindings/js/platform.js';
import { node } from '../../bindings/js/platform.node.js';
import { spawn } from '../../bindings/js/spawn.node.js';
import { Threads } from '../../bindings/js/threads.js';
import { build, failure } from './engine.js';
import { marianFiles } from './marian.js';
import { random } from './reference.js';

const engines: Regard[] = [];
async function start(threads: number, lab = false, from = load): Promise<Regard> {
  const regard = await from({ build, threads, lab });
  engines.push(regard);
  return regard;
}
afterEach(() => {
  for (const engine of engines.splice(0)) engine.dispose();
});

/** A Node whose threads are started by `startThread`. */
function host(startThread: () => WorkerChannel): typeof load {
  const platform: Platform = { ...node, startThread };
  return loader(platform, spawn);
}

const q = random(1, 2, 8, 96, 32);
const attended = (regard: Regard): Float32Array => regard.attention(q, q, q).output.data;

describe('threads', () => {
  test.each([0, -1, 1.5, 65, NaN, '2', null])('%p is refused', async (threads) => {
    expect(await failure(() => load({ threads: threads as number }))).toBe(
      `ValueError: load: threads is ${typeof threads === 'number' ? threads : JSON.stringify(threads)}, ` +
        'expected a whole number from 1 to 64',
    );
  });

  test('are one in Node if nobody asks for more', async () => {
    const regard = await load({ build });
    expect(regard.threads).toBe(1);
    regard.dispose();
  });

  test('are not for code that is handed over', async () => {
    const url = new URL(`../../bindings/js/regard-${build}.wasm`, import.meta.url);
    const wasmBinary = new Uint8Array(readFileSync(url)).buffer;
    expect(await failure(() => load({ build, wasmBinary, threads: 2 }))).toBe(
      'ValueError: load: threads is 2, but wasmBinary is code for one',
    );
    const regard = await load({ build, wasmBinary });
    expect(regard.threads).toBe(1);
    regard.dispose();
  });

  test('give the same bits, however many they are', async () => {
    const found = [];
    for (const threads of [1, 2, 3, 4]) {
      const regard = await start(threads);
      expect(regard.threads).toBe(threads);
      const options = { causal: 'top-left', weights: true } as const;
      const weights = regard.attention(q, q, q, options).weights!.data;
      // long enough to be tiled
      const long = random(2, 1, 4, 700, 16);
      const tiled = regard.attention(long, long, long, { form: 'tiled' }).output.data;
      const translator = await regard.translator(marianFiles());
      const text = await translator.translate('Tom chases Jerry.', { attention: true, nBest: 2 });
      found.push([attended(regard), weights, tiled, text]);
    }
    for (const other of found.slice(1)) expect(other).toEqual(found[0]);
  });

  test('give the same gradients in layers', async () => {
    const gradients = [];
    for (const threads of [1, 2, 3, 4]) {
      const lab = (await start(threads, true)) as unknown as Lab;
      const options = { dModel: 64, nhead: 4, dimFeedforward: 128, dropout: 0 };
      const layer = lab.layer('TransformerEncoderLayer', options, { seed: 3 });
      const x = lab.parameter(random(4, 2, 120, 64));
      const y = layer.forward({ src: x }).output;
      y.sum().backward();
      gradients.push([y.data, x.grad!.data]);
    }
    for (const other of gradients.slice(1)) expect(other).toEqual(gradients[0]);
  });

  test('serve an engine in a Worker, too', async () => {
    const there = await load({ build, threads: 2, worker: true });
    expect(there.threads).toBe(2);
    const one = await start(1);
    expect((await there.attention(q, q, q)).output.data).toEqual(attended(one));
    there.dispose();
  });

  test('survive growth of the memory', async () => {
    const regard = await start(2);
    const { heap } = regard.memory();
    const kept = regard.tensor(new Float32Array(12e6).fill(2), [12e6]);
    expect(regard.memory().heap).toBeGreaterThan(heap);
    expect(kept.data[11e6]).toBe(2);
    expect(attended(regard)).toEqual(attended(await start(1)));
  });
});

describe('threads end', () => {
  test('with their engine, of which many may follow each other', async () => {
    let alive = 0;
    const counting = host(() => {
      const worker = node.startThread();
      alive += 1;
      return {
        ...worker,
        terminate() {
          alive -= 1;
          worker.terminate();
        },
      };
    });
    for (let i = 0; i < 40; ++i) {
      const regard = await counting({ build, threads: 3 });
      if (i % 10 === 0) expect(attended(regard)).toHaveLength(2 * 8 * 96 * 32);
      expect(alive).toBe(2);
      regard.dispose();
      expect(alive).toBe(0);
      expect(regard.threads).toBe(1);
    }
  });

  test('at once, asleep or not', async () => {
    const exits: Promise<unknown>[] = [];
    const watched = host(() => {
      const worker = new Worker(new URL('../../bindings/js/thread.node.js', import.meta.url));
      exits.push(new Promise((resolve) => worker.on('exit', resolve)));
      return channel(worker);
    });
    const regard = await watched({ build, threads: 3 });
    await new Promise((resolve) => setTimeout(resolve, 50));
    regard.dispose();
    expect(await Promise.all(exits)).toHaveLength(2);
  });

  test('when the engine breaks', async () => {
    const threads = Threads.start(node, 1)!;
    let ended = 0;
    threads.end = () => {
      ended += 1;
    };
    const core = new Core({} as CoreModule, build, threads);
    await failure(() => core.call(() => fail()));
    expect(ended).toBe(1);
    Threads.prototype.end.call(threads);
  });

  test('with a process that forgets its engine', () => {
    const index = new URL('../../bindings/js/index.node.js', import.meta.url);
    const code = `import { load } from '${index.href}';
      console.log((await load({ build: '${build}', threads: 3 })).threads);`;
    const flags = process.execArgv.filter((flag) => flag.includes('relaxed'));
    const args = [...flags, '--input-type=module', '-e', code];
    const { stdout, status } = spawnSync(process.execPath, args, { timeout: 50_000 });
    expect([stdout.toString(), status]).toEqual(['3\n', 0]);
  });
});

function fail(): never {
  throw new WebAssembly.RuntimeError('unreachable');
}

describe('one thread remains', () => {
  test('where Workers are forbidden', async () => {
    const forbidden = host(() => {
      throw new Error('a policy');
    });
    const regard = await start(4, false, forbidden);
    expect(regard.threads).toBe(1);
    expect(attended(regard)).toEqual(attended(await start(1)));
  });

  test('where their file is not found', async () => {
    const regard = await start(
      3,
      false,
      host(() => channel(new Worker(new URL('./absent.js', import.meta.url)))),
    );
    expect(regard.threads).toBe(1);
    expect(attended(regard)).toEqual(attended(await start(1)));
  });

  test('of those that never answer', async () => {
    let sleeping: Worker;
    const { patience } = Threads;
    Threads.patience = 100;
    const regard = await start(
      2,
      false,
      host(() => channel((sleeping = new Worker('setInterval(() => 0, 1e6)', { eval: true })))),
    );
    expect(regard.threads).toBe(1);
    expect(attended(regard)).toEqual(attended(await start(1)));
    Threads.patience = patience;
    await sleeping!.terminate();
  });

  test('in a page that is not isolated, which starts nothing', async () => {
    const page = globalThis as { crossOriginIsolated?: boolean };
    page.crossOriginIsolated = false;
    try {
      const none = host(() => {
        throw new Error('started');
      });
      const regard = await none({ build, threads: 4 });
      engines.push(regard);
      expect(regard.threads).toBe(1);
      // and the memory is its own: the platform decodes and copies from it as ever
      expect(attended(regard)).toHaveLength(2 * 8 * 96 * 32);
    } finally {
      delete page.crossOriginIsolated;
    }
  });
});

describe('a thread', () => {
  // (module (import "m" "m" (memory 1 1 shared)) (table (export "t") 2 funcref) (elem (i32.const 0) 0 1)
  //   (func (param i32) unreachable) (func (i32.store (i32.const 8) (i32.const 1))))
  const code = new WebAssembly.Module(
    new Uint8Array([
      ...[0, 97, 115, 109, 1, 0, 0, 0, 1, 8, 2, 96, 1, 127, 0, 96, 0, 0],
      ...[2, 9, 1, 1, 109, 1, 109, 2, 3, 1, 1, 3, 3, 2, 0, 1, 4, 4, 1, 112, 0, 2],
      ...[7, 5, 1, 1, 116, 1, 0, 9, 8, 1, 0, 65, 0, 11, 2, 0, 1],
      ...[10, 15, 2, 3, 0, 0, 11, 9, 0, 65, 8, 65, 1, 54, 2, 0, 11],
    ]),
  );

  test('that breaks says so to the loop that waits for it', async () => {
    const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
    let ready = false;
    const joining = join({ code, memory, begin: 0, abandon: 1, block: 0 }, () => (ready = true));
    await expect(joining).rejects.toThrow('unreachable');
    expect(ready).toBe(true);
    expect(new Int32Array(memory.buffer)[2]).toBe(1);
  });
});
