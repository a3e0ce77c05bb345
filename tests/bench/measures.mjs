// SPDX-License-Identifier: MIT
// The parts of a run, by name: each opens an engine of its own, and gives { engine, value }, with the contenders
// that could not be loaded.
import { relaxedFlag } from '../../tools/runners.mjs';
import { chromiumSession, nodeSession } from './sessions.mjs';
import { sizes, startInChromium, startInNode } from './start.mjs';
import { shortList, workloads } from './workloads.mjs';

const everything = workloads.map(({ id }) => id);
const withThreads = ['W1', 'W2', 'W3', 'W4'].flatMap((group) =>
  everything.filter((id) => id.startsWith(group) && !/=(1024|2048|4096|12)$/.test(id)),
);
const withoutDecoding = shortList.filter((id) => id !== 'W5');

const node = () => nodeSession({});
const relaxedNode = () => nodeSession({ flags: relaxedFlag() });
const chromium = ({ executablePath, revectorize }) =>
  chromiumSession({ executablePath, flags: revectorize ? ['--wasm-revectorize'] : [] });
const revectorizing = (settings) => chromium({ ...settings, revectorize: true });

const regard = { kind: 'regard', name: 'regard' };
const peers = [{ kind: 'onnxruntime' }, { kind: 'litert' }];

export const measures = {
  peaks: async (settings) => {
    const value = [];
    for (const [name, open] of Object.entries({ node, 'node-relaxed': relaxedNode, chromium })) {
      const found = await inside(open, [], settings, (session) => session.call('measurePeaks'));
      const each = found.value.map(({ name: kernel, gigaflops }) => [kernel, gigaflops]);
      value.push({ engine: name, ...Object.fromEntries(each) });
    }
    return { engine: 'GFLOP/s, GOP/s for whole numbers', value };
  },
  node: races(node, [regard, ...peers], shortList),
  'node-relaxed': races(relaxedNode, [regard, ...peers], everything),
  chromium: races(chromium, [regard, ...peers], everything),
  threads: races(
    chromium,
    [
      { ...regard, threads: 1 },
      { kind: 'regard', name: 'regard, 2 threads', threads: 2 },
    ],
    withThreads,
  ),
  revectorize: races(revectorizing, [regard, { kind: 'litert' }], withoutDecoding),
  masks: alone('masks'),
  backward: alone('backward'),
  translator: alone('translator'),
  long: alone('long'),
  size: async ({ folder }) => ({ engine: 'bytes, gzip -9', value: await sizes(folder) }),
  start: async ({ folder, executablePath }) => ({
    engine: 'Node and Chromium',
    value: {
      node: startInNode(folder, []),
      chromium: await startInChromium(folder, executablePath),
    },
  }),
};

// All contenders on each workload.
function races(open, contenders, ids) {
  return (settings, progress) =>
    inside(open, contenders, settings, async (session) => {
      const found = [];
      for (const id of settings.ids ?? ids) {
        progress(id);
        found.push(await session.call('raceOn', id));
      }
      return found;
    });
}

// What parts/name.mjs does with our library, in Chromium.
function alone(name) {
  return (settings) =>
    inside(chromium, [regard], settings, (session) => session.call('part', name));
}

async function inside(open, contenders, settings, work) {
  const session = await open(settings);
  try {
    const { folder, against, contenders: kinds, build, threads, seconds, warmMs } = settings;
    const entry = session.entry(folder);
    const other = { kind: 'regard', name: 'regard, against', entry: against && session.entry(against) }; // prettier-ignore
    const chosen = [...contenders, ...(against ? [other] : [])].filter(
      ({ kind }) => !kinds || kinds.includes(kind),
    );
    const loaded = await session.call('start', {
      contenders: chosen.map((one) => ({ entry, threads, ...one })),
      engine: session.version.split(' ')[0].toLowerCase(),
      peers: `${session.url}node_modules/`,
      models: session.models,
      entry,
      build,
      threads,
      seconds,
      warmMs,
      peaks: !kinds || kinds.includes('peak') ? undefined : [],
    });
    const missing = loaded.filter(({ error }) => error !== undefined);
    const detail = loaded.find(({ detail: given }) => given)?.detail;
    const engine = [session.version, detail].filter(Boolean).join(', ');
    return { engine, missing, value: await work(session) };
  } finally {
    await session.close();
  }
}
