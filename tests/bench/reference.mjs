// SPDX-License-Identifier: MIT
// Some rows of each workload's result in double precision. Keys and values are never projected: a query is
// carried back through the keys' weights, and the mean of the inputs forward through the values', so that a
// row costs n·M and not n·M² operations, and shares no step with what is measured.

/** The rows that are compared, and what they must be: [[row, numbers], …]. */
export function expectedRows(w) {
  const rows = [...new Set([0, w.n >> 1, w.n - 1])];
  return rows.map((row) => [row, compute[w.kind](w, row)]);
}

/**
 * The largest distance of `actual` from the expected rows, as a share of the largest expected number.
 * A result of another size, or one that is not finite, is infinitely far away.
 */
export function distance(w, expected, actual) {
  if (!(actual?.length === (w.q ?? w.x).length)) return Infinity;
  let [worst, largest] = [0, 0];
  for (const [row, numbers] of expected) {
    numbers.forEach((number, column) => {
      const off = Math.abs(actual[place(w, row, column)] - number);
      worst = off <= worst ? worst : Number.isNaN(off) ? Infinity : off;
      largest = Math.max(largest, Math.abs(number));
    });
  }
  return worst / largest;
}

/**
 * fp32 sums of up to 4,096 terms, one after the other, each rounded at 6e-8 of what they add up to, behind
 * each other in up to six layers. A wrong mask, scale or layout is off by 1e-1 and more.
 */
export const tolerance = 1e-4;

// Attention alone is (H, n, D), everything else (n, M).
function place({ kind, n, D, M }, row, column) {
  if (kind !== 'attention') return row * M + column;
  return (Math.floor(column / D) * n + row) * D + (column % D);
}

const compute = {
  attention({ n, H, D, q, k, v }, row) {
    const heads = Array.from({ length: H }, (_, h) => {
      const of = (data, i) => data.subarray((h * n + i) * D, (h * n + i + 1) * D);
      const query = of(q, row);
      const scores = Array.from({ length: n }, (_, j) => dot(query, of(k, j)) / Math.sqrt(D));
      return mean(softmax(scores), (j) => of(v, j), D);
    });
    return heads.flat();
  },

  layer(w, row) {
    return selfAttention(w, w.attention, row);
  },

  encoder(w, row) {
    const { norms, first, second } = w;
    const x = inputRow(w, row);
    const attended = normalize(sum(selfAttention(w, w.attention, row), x), norms[0]);
    const hidden = apply(first, attended).map((value) => Math.max(value, 0));
    return normalize(sum(apply(second, hidden), attended), norms[1]);
  },

  decoding({ H, D, past, x, blocks }) {
    let state = Array.from(x);
    for (const { attention, keys, values } of blocks) {
      const [q, k, v] = ['q', 'k', 'v'].map((name) => apply(attention[name], state));
      const heads = Array.from({ length: H }, (_, h) => {
        const own = (numbers) => numbers.slice(h * D, (h + 1) * D);
        const of = (cache, fresh) => (j) =>
          j < past ? cache.subarray((h * past + j) * D, (h * past + j + 1) * D) : own(fresh);
        const key = of(keys, k);
        const scores = Array.from(
          { length: past + 1 },
          (_, j) => dot(own(q), key(j)) / Math.sqrt(D),
        );
        return mean(softmax(scores), of(values, v), D);
      });
      state = sum(apply(attention.o, heads.flat()), state);
    }
    return state;
  },
};

function selfAttention(w, { q, k, v, o }, row) {
  const { n, H, D } = w;
  const query = apply(q, inputRow(w, row));
  const heads = Array.from({ length: H }, (_, h) => {
    const rows = Array.from({ length: D }, (_, i) => h * D + i);
    // Σ_i query_i (W_k x_j + b)_i = (W_kᵀ query)·x_j + query·b
    const carried = mean(
      rows.map((r) => query[r]),
      (i) => weightRow(k, rows[i]),
      k.inputs,
    );
    const constant = rows.reduce((total, r) => total + query[r] * k.bias[r], 0);
    const scores = Array.from(
      { length: n },
      (_, j) => (dot(carried, inputRow(w, j)) + constant) / Math.sqrt(D),
    );
    // the weights add up to 1, so that the bias of the values is added once
    const attended = mean(softmax(scores), (j) => inputRow(w, j), v.inputs);
    return rows.map((r) => dot(weightRow(v, r), attended) + v.bias[r]);
  });
  return apply(o, heads.flat());
}

const inputRow = ({ x, M }, row) => x.subarray(row * M, (row + 1) * M);
const weightRow = ({ weight, inputs }, r) => weight.subarray(r * inputs, (r + 1) * inputs);
const sum = (x, y) => x.map((value, i) => value + y[i]);

function apply(linear, x) {
  return Array.from(linear.bias, (b, r) => dot(weightRow(linear, r), x) + b);
}

function dot(x, y) {
  let total = 0;
  for (let i = 0; i < x.length; ++i) total += x[i] * y[i];
  return total;
}

// Σ_j weights_j rows(j)
function mean(weights, rows, width) {
  const total = new Array(width).fill(0);
  weights.forEach((weight, j) => {
    const row = rows(j);
    for (let i = 0; i < width; ++i) total[i] += weight * row[i];
  });
  return total;
}

function softmax(scores) {
  const largest = scores.reduce((a, b) => Math.max(a, b));
  const powers = scores.map((score) => Math.exp(score - largest));
  const total = powers.reduce((a, b) => a + b);
  return powers.map((power) => power / total);
}

function normalize(x, { weight, bias }) {
  const center = x.reduce((a, b) => a + b) / x.length;
  const variance = x.reduce((total, value) => total + (value - center) ** 2, 0) / x.length;
  return x.map((value, i) => ((value - center) / Math.sqrt(variance + 1e-5)) * weight[i] + bias[i]);
}
