// SPDX-License-Identifier: MIT
// Our library as its users call it: JavaScript's arrays in and out, layers with their weights loaded, nothing
// remembered for gradients.

/**
 * @param env.entry the address of the package's entry: bindings/js/index.js or index.node.js
 * @param env.build 'simd' or 'relaxed'; default the fastest
 */
export async function regard({ name = 'regard', entry, build, threads }) {
  const { load } = await import(entry);
  const lab = await load({ lab: true, build, threads });
  if (threads > 1 && lab.threads !== threads) {
    lab.dispose();
    throw new Error(`it computes with ${lab.threads ?? 1} threads, not with ${threads}`);
  }
  return { name, lab, detail: lab.build, variants: () => Object.keys(results), prepare };

  function prepare(w, variant) {
    const { forward, release } = prepared[w.kind](lab, w);
    const result = results[variant](w);
    const call = () => result(forward());
    const run = () => {
      const tensor = forward();
      const numbers = result(tensor);
      tensor.dispose();
      return numbers;
    };
    // one tensor is disposed of by itself; where there are more, and parameters, a scope has them
    return { run: w.kind === 'attention' ? run : () => lab.noGrad(() => lab.scope(call)), release };
  }
}

/** How numbers come out: in an array that is made for them, or in one of the caller's. */
const results = {
  data: () => (tensor) => tensor.data,
  copyTo(w) {
    const out = new Float32Array((w.q ?? w.x).length);
    return (tensor) => tensor.copyTo(out);
  },
};

const prepared = {
  attention(lab, { H, n, D, q, k, v }) {
    const [queries, keys, values] = [q, k, v].map((data) => ({ shape: [1, H, n, D], data }));
    return { forward: () => lab.attention(queries, keys, values).output, release() {} };
  },

  layer(lab, { n, M, H, x, attention }) {
    const layer = lab.layer('MultiHeadAttention', { embedDim: M, numHeads: H });
    layer.load(attentionState('', attention, M));
    return {
      forward() {
        const rows = lab.tensor(x, [1, n, M]);
        return layer.forward({ queries: rows, keys: rows, values: rows }).output;
      },
      release: () => layer.dispose(),
    };
  },

  encoder(lab, { n, M, H, F, x, attention, first, second, norms }) {
    const options = { dModel: M, nhead: H, dimFeedforward: F, dropout: 0 };
    const layer = lab.layer('TransformerEncoderLayer', options);
    layer.load({
      ...attentionState('self_attn.', attention, M),
      ...linearState('linear1.', first),
      ...linearState('linear2.', second),
      ...normState('norm1.', norms[0]),
      ...normState('norm2.', norms[1]),
    });
    return {
      forward: () => layer.forward({ src: lab.tensor(x, [1, n, M]) }).output,
      release: () => layer.dispose(),
    };
  },

  // Each step goes on from the same places: what it appended to a cache is forgotten before the next.
  decoding(lab, { M, H, D, past, x, blocks }) {
    const layers = blocks.map(({ attention, keys, values }) => {
      const layer = lab.layer('MultiHeadAttention', { embedDim: M, numHeads: H });
      layer.load(attentionState('', attention, M));
      const rows = (heads) => ({ shape: [1, past, M], data: sideBySide(heads, H, past, D) });
      return { layer, cache: layer.cache().append(rows(keys), rows(values)) };
    });
    return {
      forward() {
        let state = lab.tensor(x, [1, 1, M]);
        for (const { cache } of layers) {
          cache.length = past;
          state = cache.step(state).add(state);
        }
        return state;
      },
      release() {
        for (const { layer, cache } of layers) {
          cache.dispose();
          layer.dispose();
        }
      },
    };
  },
};

// (H, rows, D) to (rows, H·D).
function sideBySide(heads, H, rows, D) {
  const result = new Float32Array(heads.length);
  for (let h = 0; h < H; ++h) {
    for (let i = 0; i < rows; ++i) {
      const from = (h * rows + i) * D;
      result.set(heads.subarray(from, from + D), (i * H + h) * D);
    }
  }
  return result;
}

function attentionState(prefix, { q, k, v, o }, M) {
  const stacked = (part) => [q, k, v].flatMap((linear) => Array.from(linear[part]));
  return {
    [`${prefix}in_proj_weight`]: { shape: [3 * M, M], data: Float32Array.from(stacked('weight')) },
    [`${prefix}in_proj_bias`]: { shape: [3 * M], data: Float32Array.from(stacked('bias')) },
    ...linearState(`${prefix}out_proj.`, o),
  };
}

function linearState(prefix, { weight, bias, inputs, outputs }) {
  return {
    [`${prefix}weight`]: { shape: [outputs, inputs], data: weight },
    [`${prefix}bias`]: { shape: [outputs], data: bias },
  };
}

function normState(prefix, { weight, bias }) {
  return {
    [`${prefix}weight`]: { shape: [weight.length], data: weight },
    [`${prefix}bias`]: { shape: [bias.length], data: bias },
  };
}
