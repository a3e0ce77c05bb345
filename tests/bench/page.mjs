// SPDX-License-Identifier: MIT
// The page of results: what must be reached, in each run that was kept, and the times behind it.
import { cpus } from 'node:os';
import { rows } from './rows.mjs';
import { markdown, plainTable, raceTable, reasons, variants } from './table.mjs';

export function machine() {
  return `${cpus()[0]?.model.trim() ?? 'unknown processor'}, ${cpus().length} cores`;
}

// Parts whose own numbers are shown as they are.
const plain = {
  peaks: 'What the processor does at most',
  masks: 'Attention that is not plain',
  backward: 'Gradients, milliseconds',
};
const racing = {
  chromium: 'Chromium',
  'node-relaxed': 'Node with relaxed SIMD',
  node: 'Node',
  threads: 'One thread and two, Chromium',
  revectorize: 'Chromium with `--wasm-revectorize`',
};

/** @param runs for each run its parts by name: { engine, value, date, missing } */
export function page(runs) {
  const judged = runs.map((parts) =>
    rows(Object.fromEntries(Object.entries(parts).map(([name, { value }]) => [name, value]))),
  );
  const [first, ...others] = judged;
  const columns = runs.map((_, i) => (i ? `run ${i + 1}` : 'run 1'));
  const table = markdown(
    ['work', 'target', ...columns.flatMap((name) => [name, 'met'])],
    first.map(({ work, target, ...one }) => [
      work,
      target,
      ...[one, ...others.map((run) => run.find((row) => row.work === work))].flatMap(cells),
    ]),
  );
  const details = runs.map((parts, i) =>
    Object.entries({ ...plain, ...racing })
      .filter(([name]) => parts[name])
      .map(([name, title]) => section(`${title}, ${columns[i]}`, parts[name]))
      .join('\n'),
  );
  return `# Measured

Written by \`npm run bench -- --write\` on ${machine()}; ${dates(runs)}. Medians of interleaved rounds, all
contenders of a table in one process; ratios say how many times as long as ours the other takes. Of the ways in
which a library can say a workload the fastest counts. [How](README.md).

${table}

${details.join('\n')}`;
}

function cells(row) {
  return row ? [row.measured, row.met ? 'yes' : '**no**'] : ['–', '–'];
}

function section(title, { engine, value, missing = [] }) {
  if (!value[0]?.results) return `## ${title}\n\n${engine}.\n\n${plainTable(value)}\n`;
  const notes = [
    ...missing.map(({ name, error }) => `${name}: ${error}`),
    ...reasons(value),
    ...variants(value),
  ];
  const list = notes.map((note) => `- ${note}`).join('\n');
  return `## ${title}\n\n${engine}.\n\n${raceTable(value)}\n${list && `\n${list}\n`}`;
}

function dates(runs) {
  const all = runs.flatMap((parts) => Object.values(parts).map(({ date }) => date)).sort();
  const day = (date) => date.slice(0, 16).replace('T', ' ');
  return `${day(all[0])} to ${day(all.at(-1))} UTC`;
}
