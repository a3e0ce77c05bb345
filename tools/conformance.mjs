// SPDX-License-Identifier: MIT
// `npm run conformance`: every case of tests/golden/conventions through the package of dist/, on each
// kind of wasm file. Prints a table of convention by feature, writes it with its reasons to
// tests/conformance.md, and fails if a case exceeds its tolerance or cannot be computed.
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { buildPackage, withToolchain } from './build.mjs';
import { main, say } from './log.mjs';
import { build, dist, js, root } from './paths.mjs';

const builds = ['simd', 'relaxed'];
const page = join(root, 'tests/conformance.md');

const titles = [
  'convention',
  'feature',
  'cases',
  'passed',
  ...builds,
  'absolute',
  'allowed',
  'backward',
  'gradients',
];

const figure = (x) => (x === 0 ? '0' : x.toExponential(1));
const whole = (x) => String(Math.round(x * builds.length) / builds.length);

await main(async () => {
  const { load, tests } = await builtPackage();
  const goldens = tests.conventions.map((name) => tests.readGolden(name, folder()));
  const results = [];
  for (const name of builds) {
    const engines = [await load({ build: name, lab: true }), await load({ build: name })];
    for (const golden of goldens) {
      for (const one of golden.cases) {
        const [lab, regard] = engines;
        const compared = () => [
          ...tests.compare(lab, golden, one),
          ...tests.compareForward(regard, golden, one),
        ];
        results.push(judge(compared, name, golden, one));
      }
    }
    engines.forEach((engine) => engine.dispose());
  }
  const rows = tabulate(results);
  print(rows);
  const failures = results.filter(({ passed }) => !passed);
  for (const { convention, name, build: on, reason } of failures.slice(0, 40)) {
    say(`failed: ${convention} ${name} on ${on}: ${reason}`);
  }
  writeFileSync(page, write(goldens, rows, failures));
  const count = results.length / builds.length;
  say(`\n${count} cases on ${builds.length} kinds of wasm file, ${failures.length} failed`);
  return failures.length ? 1 : 0;
});

function folder() {
  return join(root, 'tests/golden/conventions');
}

async function builtPackage() {
  const files = [join(dist, 'bindings/js/index.node.js'), join(js, 'tests/js/conventions.js')];
  await withToolchain(buildPackage);
  // Node 20 has relaxed SIMD behind a flag, which later versions know no more.
  if (/^v2[01]\./.test(process.version)) setFlagsFromString('--experimental-wasm-relaxed-simd');
  const [{ load }, tests] = await Promise.all(
    files.map((file) => import(pathToFileURL(file).href)),
  );
  return { load, tests };
}

// One case on one build: what was off, by how much of the largest number.
function judge(compared, on, golden, one) {
  const result = { build: on, convention: golden.convention, feature: one.feature, name: one.name };
  try {
    const deviations = compared();
    const wrong = deviations.find(({ relative, allowed }) => !(relative <= allowed));
    const reason = wrong && `${wrong.what} is off by ${wrong.relative.toExponential(1)}`;
    return { ...result, passed: !wrong, reason, deviations };
  } catch (error) {
    return { ...result, passed: false, reason: error.message, deviations: [] };
  }
}

function tabulate(results) {
  const rows = new Map();
  for (const { build: on, convention, feature, passed, deviations } of results) {
    const key = `${convention}\n${feature}`;
    if (!rows.has(key)) {
      const errors = Object.fromEntries(builds.map((name) => [name, 0]));
      rows.set(key, {
        ...{ convention, feature, cases: 0, passed: 0, backward: 0 },
        ...{ errors, absolute: 0, gradients: 0, allowed: 0 },
      });
    }
    const row = rows.get(key);
    row.cases += 1 / builds.length;
    row.passed += passed / builds.length;
    const slopes = deviations.filter(({ what }) => what.startsWith('gradient'));
    row.backward += Boolean(slopes.length) / builds.length;
    for (const { relative } of slopes) row.gradients = Math.max(row.gradients, relative);
    for (const one of deviations.filter((each) => !slopes.includes(each))) {
      row.errors[on] = Math.max(row.errors[on], one.relative);
      row.absolute = Math.max(row.absolute, one.absolute);
      row.allowed = Math.max(row.allowed, one.allowed);
    }
  }
  return [...rows.values()];
}

function cells(row) {
  return [
    row.convention,
    row.feature,
    whole(row.cases),
    whole(row.passed),
    ...builds.map((name) => figure(row.errors[name])),
    figure(row.absolute),
    figure(row.allowed),
    whole(row.backward),
    row.backward ? figure(row.gradients) : '',
  ];
}

function print(rows) {
  const table = [titles, ...rows.map(cells)];
  const widths = titles.map((_, i) => Math.max(...table.map((line) => line[i].length)));
  for (const line of table) {
    say(
      line.map((cell, i) => (i < 2 ? cell.padEnd : cell.padStart).call(cell, widths[i])).join('  '),
    );
  }
}

// --- the page ---

function write(goldens, rows, failures) {
  const total = (key) => whole(rows.reduce((sum, row) => sum + row[key], 0));
  return `# Conformance

What other programs answered, computed here. \`npm run conformance\` wrote this page on
${new Date().toISOString().slice(0, 10)}: ${total('cases')} cases, ${total('backward')} of them backward as well, each through
\`regard.attention\` or a layer of the package, with SIMD and with relaxed SIMD, in the whole engine
and, where no layer or gradient is asked for, in the one without them. ${verdict(failures)}

Errors are the largest of a row, in units of the largest number of their tensor or of 1 if that is
less, by kind of wasm file; once more as they are; and what is allowed. Infinities and NaN must be where the
program has them. \`gradients\` are those of the sum of output · loss.

${markdown(['convention', 'cases', 'passed', ...builds, 'backward', 'gradients'], summary(rows))}

The figures of each convention leave out what a program rounds to less than fp32.

## By feature

${markdown(titles, rows.map(cells))}

## The programs

${markdown(
  ['convention', 'programs', 'script', 'written', 'cases'],
  goldens.map(({ convention, programs, script, date, cases }) => [
    convention,
    Object.entries(programs)
      .map(([name, version]) => `${name} ${version}`)
      .join(', '),
    `\`${script}\``,
    date,
    String(cases.length),
  ]),
)}

## Where a program's answer needs a word

${notes(goldens)}

## Tolerances

${tolerances(goldens)}
${sweeps()}`;
}

// A line for each convention: of errors, those of rows that are wholly fp32.
function summary(rows) {
  const names = [...new Set(rows.map(({ convention }) => convention))];
  return names.map((name) => {
    const own = rows.filter(({ convention }) => convention === name);
    const fine = own.filter(({ allowed }) => allowed < 1e-5);
    const sum = (key) => whole(own.reduce((total, row) => total + row[key], 0));
    const most = (error) => figure(Math.max(...fine.map(error)));
    return [
      name,
      sum('cases'),
      sum('passed'),
      ...builds.map((on) => most(({ errors }) => errors[on])),
      sum('backward'),
      sum('backward') === '0' ? '' : most(({ gradients }) => gradients),
    ];
  });
}

function verdict(failures) {
  if (!failures.length) return 'All of them hold.';
  const names = [...new Set(failures.map(({ convention, name }) => `${convention} ${name}`))];
  return `**${names.length} of them fail**: ${names.slice(0, 10).join(', ')}${names.length > 10 ? ' …' : ''}.`;
}

function markdown(head, lines) {
  const row = (line) => `| ${line.join(' | ')} |`;
  const rule = head.map((title) =>
    /^(convention|feature|programs|script|configurations of)$/.test(title) ? '---' : '---:',
  );
  return [head, rule, ...lines].map(row).join('\n');
}

function notes(goldens) {
  const found = new Map();
  for (const { convention, cases } of goldens) {
    for (const { note } of cases.filter((one) => one.note)) {
      const counts = found.get(note) ?? new Map();
      found.set(note, counts.set(convention, (counts.get(convention) ?? 0) + 1));
    }
  }
  return [...found]
    .map(([note, counts]) => {
      const where = [...counts].map(([name, count]) => `${name} (${count})`).join(', ');
      return `- ${where}: ${note}.`;
    })
    .join('\n');
}

function tolerances(goldens) {
  const all = Object.assign({}, ...goldens.map((golden) => golden.tolerances));
  return Object.entries(all)
    .map(([name, { error, why }]) => `- ${name}, ${figure(error)}: ${why}.`)
    .join('\n');
}

// What the sweep of random configurations wrote, where it has run.
function sweeps() {
  const reports = join(build, 'reports');
  const names = existsSync(reports) ? readdirSync(reports).sort() : [];
  const found = names
    .filter((name) => /^sweep.*\.json$/.test(name))
    .map((name) => JSON.parse(readFileSync(join(reports, name), 'utf8')));
  if (!found.length) return '';
  return `
## The sweep

Random configurations of every option against the reference in double precision, as the tests ran
them last; the share is of what the roundings of fp32 may come to.

${markdown(
  ['configurations of', 'count', 'numbers', 'largest error', 'largest share'],
  found.map(({ name, all }) => [
    name,
    String(all.configurations),
    String(all.numbers),
    figure(all.largestError),
    all.largestShare.toFixed(2),
  ]),
)}
`;
}
