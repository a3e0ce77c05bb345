// SPDX-License-Identifier: MIT
// A training's log as learning curves: reading it, and drawing some of them side by side as an SVG.
import { format } from 'd3-format';
import { scaleLinear, scaleLog } from 'd3-scale';
import { schemeTableau10 } from 'd3-scale-chromatic';

const panel = { width: 430, height: 230 };
const margin = { left: 56, right: 40, top: 26, bottom: 42 };
const outer = { left: 12, right: 12, top: 60, bottom: 10, gap: 14 };
const ink = { text: '#222', quiet: '#666', grid: '#e6e6e6', axis: '#888' };

/**
 * The points of a log, by what they tell: lists of { step, seconds, value } by name. Lines that are
 * no JSON or tell nothing, as the last of a training that was killed, are passed over.
 */
export function readLog(text) {
  const curves = { loss: [], dev_loss: [], bleu: [], chrf: [] };
  for (const line of text.split('\n')) {
    const entry = parsed(line);
    if (!Number.isFinite(entry?.step) || !Number.isFinite(entry.seconds)) continue;
    const { step, seconds } = entry;
    for (const name of Object.keys(curves))
      if (Number.isFinite(entry[name])) curves[name].push({ step, seconds, value: entry[name] });
  }
  return curves;
}

function parsed(line) {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

/** What is drawn: each row of panels once over steps, once over time. */
const rows = [
  {
    title: 'loss, nats a token',
    scale: 'log',
    lines: [
      {
        name: 'loss',
        width: 1,
        opacity: 0.55,
        label: 'train loss, with dropout and smoothed labels',
      },
      { name: 'dev_loss', width: 2, dots: true, label: 'dev loss' },
    ],
  },
  {
    title: 'score on dev, greedy',
    scale: 'linear',
    lines: [
      { name: 'bleu', width: 2, dots: true, label: 'BLEU' },
      { name: 'chrf', width: 1.5, dash: '5 3', dots: true, label: 'chrF' },
    ],
  },
];

/**
 * Learning curves of some runs, as the text of an SVG.
 *
 * @param runs - what they are called and their curves, as readLog() gives them
 * @throws RangeError if there is nothing to draw
 */
export function drawCurves(runs) {
  const all = runs.flatMap(({ curves }) => Object.values(curves).flat());
  if (!all.length) throw new RangeError('there is nothing to draw: no log has a step in it');
  const across = [
    { key: 'step', title: 'step', divide: 1 },
    timeAxis(Math.max(...all.map(({ seconds }) => seconds))),
  ].map((axis) => ({ ...axis, most: Math.max(...all.map((p) => p[axis.key])) / axis.divide }));

  const width = outer.left + 2 * panel.width + outer.gap + outer.right;
  const height = outer.top + 2 * panel.height + outer.gap + outer.bottom;
  const color = (index) => schemeTableau10[index % schemeTableau10.length];
  const panels = rows.flatMap((row, down) =>
    across.map((axis, right) => {
      const x = outer.left + right * (panel.width + outer.gap);
      const y = outer.top + down * (panel.height + outer.gap);
      return `<g transform="translate(${x} ${y})">${drawPanel(row, axis, runs, color)}</g>`;
    }),
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}"`,
    ` font-family="system-ui, sans-serif" font-size="12" fill="${ink.text}" role="img">`,
    `<title>Learning curves: ${escaped(runs.map(({ name }) => name).join(', '))}</title>`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    drawLegend(runs, color, width),
    ...panels,
    '</svg>\n',
  ].join('\n');
}

function timeAxis(longest) {
  if (longest >= 2 * 3600) return { key: 'seconds', title: 'hours of training', divide: 3600 };
  if (longest >= 120) return { key: 'seconds', title: 'minutes of training', divide: 60 };
  return { key: 'seconds', title: 'seconds of training', divide: 1 };
}

function drawPanel(row, axis, runs, color) {
  const inner = {
    width: panel.width - margin.left - margin.right,
    height: panel.height - margin.top - margin.bottom,
  };
  const points = runs.flatMap(({ curves }) => row.lines.flatMap(({ name }) => curves[name]));
  const title = `<text x="${margin.left}" y="16" font-weight="600">${row.title}</text>`;
  if (!points.length)
    return `${title}<text x="${margin.left}" y="60" fill="${ink.quiet}">nothing yet</text>`;

  const x = scaleLinear([0, axis.most || 1], [0, inner.width]);
  const y = heightScale(row.scale, points, inner.height);
  const lines = runs.flatMap(({ curves }, index) =>
    row.lines.map((line) => drawLine(line, curves[line.name], color(index), axis, x, y)),
  );
  return [
    title,
    `<g transform="translate(${margin.left} ${margin.top})">`,
    drawAxes(x, y, inner, axis.title, row.scale),
    ...lines,
    '</g>',
  ].join('\n');
}

function heightScale(kind, points, height) {
  const values = points.map(({ value }) => value);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  if (kind === 'linear' || low <= 0)
    return scaleLinear([Math.min(0, low), high || 1], [height, 0]).nice();
  return scaleLog([low * 0.95, high * 1.05], [height, 0]);
}

function drawAxes(x, y, { width, height }, title, kind) {
  const ticksX = x.ticks(6);
  const ticksY = kind === 'log' ? sparse(y) : y.ticks(5);
  const number = format(',~g');
  const step = format(x.domain()[1] >= 1e4 ? '~s' : ',~g');
  return [
    ...ticksY.map(
      (value) =>
        `<line x2="${width}" y1="${at(y(value))}" y2="${at(y(value))}" stroke="${ink.grid}"/>` +
        `<text x="-8" y="${at(y(value) + 4)}" text-anchor="end" fill="${ink.quiet}">${number(value)}</text>`,
    ),
    ...ticksX.map(
      (value) =>
        `<line x1="${at(x(value))}" x2="${at(x(value))}" y1="${height}" y2="${height + 4}" stroke="${ink.axis}"/>` +
        `<text x="${at(x(value))}" y="${height + 17}" text-anchor="middle" fill="${ink.quiet}">${step(value)}</text>`,
    ),
    `<line x2="${width}" y1="${height}" y2="${height}" stroke="${ink.axis}"/>`,
    `<text x="${width}" y="${height + 34}" text-anchor="end" fill="${ink.quiet}">${title}</text>`,
  ].join('\n');
}

// Of a logarithmic scale's ticks those that leave room for their numbers.
function sparse(y) {
  const kept = [];
  for (const value of y.ticks(10)) {
    if (!kept.length || y(kept.at(-1)) - y(value) >= 18) kept.push(value);
  }
  return kept;
}

function drawLine(line, points, color, axis, x, y) {
  if (!points.length) return '';
  const places = points.map((point) => [
    at(x(point[axis.key] / axis.divide)),
    at(y(Math.max(point.value, y.domain()[0]))),
  ]);
  const dash = line.dash ? ` stroke-dasharray="${line.dash}"` : '';
  const opacity = line.opacity ? ` stroke-opacity="${line.opacity}"` : '';
  const [endX, endY] = places.at(-1);
  return [
    `<polyline class="${line.name}" points="${places.map((place) => place.join(',')).join(' ')}" fill="none" stroke="${color}" stroke-width="${line.width}" stroke-linejoin="round"${dash}${opacity}/>`,
    ...(line.dots && places.length <= 60
      ? places.map(([cx, cy]) => `<circle cx="${cx}" cy="${cy}" r="1.8" fill="${color}"/>`)
      : []),
    ...(line.dots
      ? [
          `<text x="${endX + 4}" y="${endY + 4}" font-size="10" fill="${color}">${format('.3g')(points.at(-1).value)}</text>`,
        ]
      : []),
  ].join('\n');
}

// Colours say which run, strokes say what of it.
function drawLegend(runs, color, width) {
  const entries = [
    ...runs.map(({ name }, index) => ({ label: name, stroke: color(index), width: 4 })),
    ...rows.flatMap(({ lines }) => lines.map((line) => ({ ...line, stroke: ink.quiet }))),
  ];
  let x = outer.left + 6;
  let y = 20;
  return entries
    .map(({ label, stroke, width: thickness, dash, opacity }) => {
      const room = 34 + 6.6 * label.length;
      if (x + room > width) [x, y] = [outer.left + 6, y + 20];
      const place = `<g transform="translate(${at(x)} ${y})"><line x2="22" y1="-4" y2="-4" stroke="${stroke}" stroke-width="${thickness}"${dash ? ` stroke-dasharray="${dash}"` : ''}${opacity ? ` stroke-opacity="${opacity}"` : ''}/><text x="28">${escaped(label)}</text></g>`;
      x += room + 14;
      return place;
    })
    .join('\n');
}

const at = (value) => Math.round(value * 10) / 10;

function escaped(text) {
  return text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
