// SPDX-License-Identifier: MIT
// What was measured, as tables that read the same on a terminal and in Markdown.

/** Three significant digits, never in powers of ten. */
export function figure(value) {
  if (!Number.isFinite(value)) return '–';
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value) || 1)));
  return value.toFixed(Math.min(digits, 6));
}

const percent = (share) => `${Math.round(share * 100)} %`;

/** Milliseconds, or microseconds where that reads better, for all of a row. */
export function time(ms) {
  return ms < 0.1 ? `${figure(ms * 1000)} µs` : `${figure(ms)} ms`;
}

/** Rows of texts as Markdown, in columns of equal width. */
export function markdown(head, rows) {
  const widths = head.map((_, i) => Math.max(...[head, ...rows].map((row) => width(row[i]))));
  const pad = (text, i) => ' '.repeat(widths[i] - width(text));
  const line = (row) => `| ${row.map((text, i) => (i ? pad(text, i) + text : text + pad(text, i))).join(' | ')} |`; // prettier-ignore
  const rule = `|${widths.map((w, i) => `${'-'.repeat(w + 1)}${i ? ':' : '-'}`).join('|')}|`;
  return [line(head), rule, ...rows.map(line)].join('\n');
}

const width = (text) => [...text].length;

/** The peak that a race was run against: the faster of the f32 kernels, in GFLOP/s. */
export function limitOf({ peaks }) {
  return Math.max(0, ...peaks.map(({ gigaflops }) => gigaflops));
}

/**
 * Races of one engine: for each workload our time, its share of the peak, and each peer's time with how many
 * times as long as ours that is.
 */
export function raceTable(races, ours = 'regard') {
  const names = [...new Set(races.flatMap(({ results }) => results.map(({ name }) => name)))];
  const own = names.filter((name) => name.startsWith(ours));
  const peers = names.filter((name) => !own.includes(name));
  const head = [
    'workload',
    ...own.flatMap((name) => [name, 'GFLOP/s', 'of peak']),
    'peak',
    ...peers.flatMap((name) => [name, 'ratio']),
  ];
  const rows = races.map((race) => {
    const { id, operations, results } = race;
    const of = (name) => results.find((result) => result.name === name) ?? {};
    const first = of(own[0]);
    const limit = limitOf(race);
    const ourCells = own.flatMap((name) => {
      const { ms } = of(name);
      const gigaflops = operations / ms / 1e6;
      return [cell(of(name)), figure(gigaflops), ms && limit ? percent(gigaflops / limit) : '–'];
    });
    const peerCells = peers.flatMap((name) => {
      const { ms, wrong } = of(name);
      return [cell(of(name)), ms && first.ms && !wrong ? `${(ms / first.ms).toFixed(2)}x` : '–'];
    });
    return [id, ...ourCells, figure(limit), ...peerCells];
  });
  return markdown(head, rows);
}

function cell({ ms, error, wrong, off }) {
  if (error !== undefined) return 'fails';
  if (ms === undefined) return '–';
  return wrong ? `wrong (${off.toExponential(0)})` : time(ms);
}

/** In which of its ways each contender was fastest, where it has several. */
export function variants(races) {
  const found = new Map();
  for (const { id, results } of races) {
    for (const { name, variant } of results) {
      if (variant === undefined) continue;
      const ways = found.get(name) ?? found.set(name, new Map()).get(name);
      ways.set(variant, [...(ways.get(variant) ?? []), id]);
    }
  }
  return [...found]
    .filter(([, ways]) => ways.size > 1)
    .map(([name, ways]) => {
      const each = [...ways].map(([variant, ids]) => `${variant} at ${ids.join(', ')}`);
      return `${name} by ${each.join('; ')}`;
    });
}

/** Why a contender has no time for a workload, each reason once. */
export function reasons(races) {
  const found = new Map();
  for (const { id, results } of races) {
    for (const { name, error } of results) {
      if (error === undefined) continue;
      const reason = `${name}: ${error}`;
      found.set(reason, [...(found.get(reason) ?? []), id]);
    }
  }
  return [...found].map(([reason, ids]) => `${ids.join(', ')}: ${reason}`);
}

/** What must be reached, and what was. */
export function rowTable(judged) {
  return markdown(
    ['work', 'target', 'measured', 'met'],
    judged.map(({ work, target, measured, met }) => [work, target, measured, met ? 'yes' : 'NO']),
  );
}

/** A part's result for a terminal. */
export function printed(name, { engine, missing = [], value }) {
  const notes = missing.map(({ name: who, error }) => `  ${who}: ${error}`);
  const isRace = Array.isArray(value) && value[0]?.results;
  const body = isRace ? raceTable(value) : plainTable(value);
  const reasoned = isRace ? [...reasons(value), ...variants(value)].map((line) => `  ${line}`) : [];
  return [`\n${name}: ${engine}\n`, body, ...notes, ...reasoned, ''].join('\n');
}

/** Objects as rows, their names as columns. */
export function plainTable(value) {
  const rows = Array.isArray(value) ? value : [value];
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const text = (one) => {
    if (one === undefined) return '–';
    if (typeof one === 'object') return JSON.stringify(one);
    return typeof one === 'number' && !Number.isInteger(one) ? figure(one) : String(one);
  };
  return markdown(
    names,
    rows.map((row) => names.map((name) => text(row[name]))),
  );
}
