// SPDX-License-Identifier: MIT
// Both ends of protocol.ts on one thread, and a Worker that dies.
import { afterEach, describe, expect, test } from '@jest/globals';
import { Client } from '../../bindings/js/client.js';
import type { Channel, WorkerChannel } from '../../bindings/js/platform.js';
import { node } from '../../bindings/js/platform.node.js';
import { transferables } from '../../bindings/js/protocol.js';
import { serve } from '../../bindings/js/service.js';
import { build, failure } from './engine.js';

interface Rig {
  client: Client;
  kill: (reason: string) => void;
  held: () => boolean;
  terminated: () => boolean;
  sent: unknown[];
}

// An open port keeps the process from ending.
const open: MessagePort[] = [];
afterEach(() => {
  for (const port of open.splice(0)) port.close();
});

/** A client and, unless `deaf`, the service of a Worker behind two queues that clone. */
function rig(deaf = false): Rig {
  const { port1, port2 } = new MessageChannel();
  open.push(port1, port2);
  const sent: unknown[] = [];
  let die: ((reason: string) => void) | undefined;
  let [held, terminated] = [false, false];
  const near: WorkerChannel = {
    post(message, transfer) {
      sent.push(message);
      port1.postMessage(message, transfer);
    },
    listen: (handler) => port1.addEventListener('message', (event) => handler(event.data)),
    onDeath: (handler) => (die = handler),
    hold: (awaited) => (held = awaited),
    terminate: () => (terminated = true),
  };
  const far: Channel = {
    post: (message, transfer) => port2.postMessage(message, transfer),
    listen: (handler) => port2.addEventListener('message', (event) => handler(event.data)),
  };
  const client = new Client(near);
  port1.start();
  if (!deaf) serve(far, node);
  port2.start();
  return {
    client,
    kill: (why) => die?.(why),
    held: () => held,
    terminated: () => terminated,
    sent,
  };
}

describe('a Worker', () => {
  test('answers, and holds the process only meanwhile', async () => {
    const { client, held } = rig();
    const loading = client.ask('load', [{ build }]);
    expect(held()).toBe(true);
    expect(await loading).toEqual({ build, threads: 1 });
    expect(held()).toBe(false);

    const one = { shape: [1, 1, 1, 1], data: Float32Array.of(2) };
    const { output, weights } = await client.ask('attention', [one, one, one, { weights: true }]);
    expect([...output.data, ...weights!.data]).toEqual([2, 1]);
    expect((await client.ask('memory', [])).tensors).toBe(0);
  });

  test('reports errors by class and sentence', async () => {
    const { client } = rig();
    expect(await failure(() => client.ask('memory', []))).toBe(
      'ValueError: worker: load comes first',
    );
    await client.ask('load', [{ build }]);
    const [one, two] = [1, 2].map((n) => ({ shape: [1, 1, 1, n], data: new Float32Array(n) }));
    expect(await failure(() => client.ask('attention', [one!, two!, one!, {}]))).toBe(
      'ShapeError: attention: keys are (1, 1, 1, 2), expected (1, 1, 1, 1)',
    );
    expect(await failure(() => client.ask('translate', [7, ['a'], {}]))).toBe(
      'DisposedError: translator: it was disposed of',
    );
  });

  test('that is cancelled is told, and the caller hears at once', async () => {
    const { client, sent, held } = rig(true);
    const controller = new AbortController();
    const asked = failure(() => client.ask('memory', [], controller));
    controller.abort();
    expect(await asked).toBe('AbortError: This operation was aborted');
    expect(sent.at(-1)).toEqual({ cancel: 1 });
    expect(held()).toBe(false);
    expect(await failure(() => client.ask('memory', [], controller))).toMatch(/^AbortError/);
    expect(sent).toHaveLength(2);
  });

  test('that dies poisons what waits and what comes', async () => {
    const { client, kill, terminated } = rig(true);
    const waiting = [
      failure(() => client.ask('memory', [])),
      failure(() => client.ask('memory', [])),
    ];
    kill('it ran out of memory');
    const poisoned =
      'PoisonedError: the Worker stopped (it ran out of memory); load() gives a fresh engine';
    expect(await Promise.all(waiting)).toEqual([poisoned, poisoned]);
    expect(await failure(() => client.ask('memory', []))).toBe(poisoned);
    expect(terminated()).toBe(true);
  });

  test('that was disposed of says so', async () => {
    const { client, terminated } = rig(true);
    const waiting = failure(() => client.ask('memory', []));
    client.dispose();
    expect(await waiting).toBe('DisposedError: regard: the engine was disposed of');
    expect(terminated()).toBe(true);
  });
});

test('transferables finds each buffer once', () => {
  const data = new Float32Array(4);
  const found = transferables({
    a: [data, { b: data.subarray(1) }],
    c: new Uint8Array(1),
    d: null,
  });
  expect(found).toHaveLength(2);
  expect(found[0]).toBe(data.buffer);
});
