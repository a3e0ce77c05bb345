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
  return {
    name,
    lab,
    detail: lab.build,
    variants: () => ['arrays'],
    prepare: (w) => prepare[w.kind](lab, w),
  };
}

const prepare = {
  attention(lab, { H, n, D, q, k, v }) {
    const [queries, keys, values] = [q, k, v].map((data) => ({ shape: [1, H, n, D], data }));
    return {
      run() {
        const { output } = lab.attention(queries, keys, values);
        const { data } = output;
        output.dispose();
        return data;
      },
      release() {},
    };
  },

  layer(lab, { n, M, H, x, attention }) {
    const layer = lab.layer('MultiHeadAttention', { embedDim: M, numHeads: H });
    layer.load(attentionState('', attention, M));
    return onRows(lab, layer, n, M, x, (rows) =>
      layer.forward({ queries: rows, keys: rows, values: rows }),
    );
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
    return onRows(lab, layer, n, M, x, (rows) => layer.forward({ src: rows }));
  },

  decoding(lab, { M, H, D, past, x, blocks }) {
    const kept = [];
    const keep = (data, shape) => {
      kept.push(lab.tensor(data, shape));
      return kept.at(-1);
    };
    const layers = blocks.map(({ attention, keys, values }) => ({
      ...Object.fromEntries(
        Object.entries(attention).map(([name, { weight, bias }]) => [
          name,
          [keep(weight, [M, M]), keep(bias, [M])],
        ]),
      ),
      pastKey: keep(keys, [1, H, past, D]),
      pastValue: keep(values, [1, H, past, D]),
    }));
    const step = () => {
      let state = lab.tensor(x, [1, 1, M]);
      for (const { q, k, v, o, pastKey, pastValue } of layers) {
        const [queries, keys, values] = [q, k, v].map((part) => lab.linear(state, ...part));
        const options = { heads: H, pastKey, pastValue };
        const { output } = lab.attention(queries, keys, values, options);
        state = lab.linear(output, ...o).add(state);
      }
      return state.data;
    };
    return {
      run: () => lab.noGrad(() => lab.scope(step)),
      release: () => kept.forEach((tensor) => tensor.dispose()),
    };
  },
};

function onRows(lab, layer, n, M, x, forward) {
  const call = () => forward(lab.tensor(x, [1, n, M])).output.data;
  return { run: () => lab.noGrad(() => lab.scope(call)), release: () => layer.dispose() };
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
