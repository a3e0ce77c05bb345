// SPDX-License-Identifier: MIT
// The workloads as TensorFlow Lite models, of its plain operators: LiteRT hands them to XNNPACK.
import { Builder } from 'flatbuffers';

// Numbers of the schema: https://github.com/google-ai-edge/LiteRT has it as schema.fbs. For each operator its
// own, that of its options in the union of all, and the options as [field, type, value].
const operators = {
  ADD: [0, 11],
  CONCATENATION: [2, 10],
  FULLY_CONNECTED: [9, 8],
  MUL: [18, 21],
  RESHAPE: [22, 17],
  SOFTMAX: [25, 9],
  TRANSPOSE: [39, 26],
  MEAN: [40, 27],
  SUB: [41, 28],
  RSQRT: [76, 0],
  BATCH_MATMUL: [126, 101],
};
const FLOAT32 = 0;
const INT32 = 2;
const RELU = 1;
const byte = (field, value) => [field, 'addFieldInt8', value];
const integer = (field, value) => [field, 'addFieldInt32', value];

/** The model's bytes. Inputs are q, k, v or x, and for decoding keys and values of each layer. */
export function tfliteModel(w) {
  const graph = new Graph();
  builders[w.kind](graph, w);
  return graph.bytes();
}

const builders = {
  attention(graph, { H, n, D }) {
    const shape = [1, H, n, D];
    const [q, k, v] = [0, 1, 2].map(() => graph.input(shape));
    graph.output(attend(graph, q, k, v, { H, L: n, S: n, D }));
  },

  layer(graph, w) {
    graph.output(multiHead(graph, graph.input([w.n, w.M]), w));
  },

  encoder(graph, w) {
    const shape = [w.n, w.M];
    const x = graph.input(shape);
    const attended = graph.node('ADD', [x, multiHead(graph, x, w)], shape);
    const first = normalize(graph, attended, w.norms[0], w);
    const hidden = product(graph, first, w.first, w.n, RELU);
    const second = graph.node('ADD', [first, product(graph, hidden, w.second, w.n)], shape);
    graph.output(normalize(graph, second, w.norms[1], w));
  },

  decoding(graph, { M, H, D, past, blocks }) {
    let x = graph.input([1, M]);
    const grown = [];
    for (const { attention } of blocks) {
      const row = (name) =>
        graph.node('RESHAPE', [product(graph, x, attention[name], 1), graph.integers([1, H, 1, D])], [1, H, 1, D]); // prettier-ignore
      const append = (name) => {
        const cache = graph.input([1, H, past, D]);
        return graph.node('CONCATENATION', [cache, row(name)], [1, H, past + 1, D], [integer(0, 2)]); // prettier-ignore
      };
      const [keys, values] = [append('k'), append('v')];
      grown.push(keys, values);
      const context = attend(graph, row('q'), keys, values, { H, L: 1, S: past + 1, D });
      const flat = graph.node('RESHAPE', [context, graph.integers([1, M])], [1, M]);
      x = graph.node('ADD', [x, product(graph, flat, attention.o, 1)], [1, M]);
    }
    [x, ...grown].forEach((value) => graph.output(value));
  },
};

function attend(graph, q, k, v, { H, L, S, D }) {
  const scale = graph.floats([1], Float32Array.of(1 / Math.sqrt(D)));
  const scaled = graph.node('MUL', [q, scale], [1, H, L, D]);
  const scores = graph.node('BATCH_MATMUL', [scaled, k], [1, H, L, S], [byte(1, 1)]);
  const one = [[0, 'addFieldFloat32', 1]]; // beta
  const weights = graph.node('SOFTMAX', [scores], [1, H, L, S], one);
  return graph.node('BATCH_MATMUL', [weights, v], [1, H, L, D]);
}

function multiHead(graph, x, { n, M, H, D, attention }) {
  const order = graph.integers([0, 2, 1, 3]);
  const heads = (name) => {
    const rows = product(graph, x, attention[name], n);
    const split = graph.node('RESHAPE', [rows, graph.integers([1, n, H, D])], [1, n, H, D]);
    return graph.node('TRANSPOSE', [split, order], [1, H, n, D]);
  };
  const context = attend(graph, heads('q'), heads('k'), heads('v'), { H, L: n, S: n, D });
  const turned = graph.node('TRANSPOSE', [context, order], [1, n, H, D]);
  const flat = graph.node('RESHAPE', [turned, graph.integers([n, M])], [n, M]);
  return product(graph, flat, attention.o, n);
}

function product(graph, x, { weight, bias, inputs, outputs }, rows, activation = 0) {
  const operands = [x, graph.floats([outputs, inputs], weight), graph.floats([outputs], bias)];
  return graph.node('FULLY_CONNECTED', operands, [rows, outputs], [byte(0, activation)]);
}

function normalize(graph, x, { weight, bias }, { n, M }) {
  const mean = (value) => graph.node('MEAN', [value, graph.integers([1])], [n, 1], [byte(0, 1)]);
  const binary = (name, a, b, shape = [n, M]) => graph.node(name, [a, b], shape);
  const centered = binary('SUB', x, mean(x));
  const epsilon = graph.floats([1], Float32Array.of(1e-5));
  const variance = binary('ADD', mean(binary('MUL', centered, centered)), epsilon, [n, 1]);
  const scaled = binary('MUL', centered, graph.node('RSQRT', [variance], [n, 1]));
  return binary('ADD', binary('MUL', scaled, graph.floats([M], weight)), graph.floats([M], bias));
}

class Graph {
  #tensors = [];
  #buffers = [new Uint8Array()]; // the first is that of tensors without data
  #nodes = [];
  #inputs = [];
  #outputs = [];

  input(shape) {
    this.#inputs.push(this.#tensor(shape, FLOAT32, 0));
    return this.#inputs.at(-1);
  }

  output(tensor) {
    this.#outputs.push(tensor);
  }

  floats(shape, data) {
    return this.#constant(shape, FLOAT32, data);
  }

  integers(values) {
    return this.#constant([values.length], INT32, Int32Array.from(values));
  }

  node(name, inputs, shape, options = []) {
    const output = this.#tensor(shape, FLOAT32, 0);
    this.#nodes.push({ name, inputs, output, options });
    return output;
  }

  bytes() {
    const size = this.#buffers.reduce((total, { length }) => total + length, 0);
    const builder = new Builder(size + (1 << 16));
    const write = new Writer(builder);
    const names = [...new Set(this.#nodes.map(({ name }) => name))];
    const buffers = this.#buffers.map((data) =>
      write.table(data.length ? [[0, 'addFieldOffset', write.aligned(data)]] : []),
    );
    const tensors = this.#tensors.map(({ shape, type, buffer }, i) =>
      write.table([
        [0, 'addFieldOffset', write.integers(shape)],
        byte(1, type),
        integer(2, buffer),
        [3, 'addFieldOffset', builder.createString(`tensor${i}`)],
      ]),
    );
    const nodes = this.#nodes.map(({ name, inputs, output, options }) => {
      const union = operators[name][1];
      const settings = union ? [[4, 'addFieldOffset', write.table(options)]] : [];
      return write.table([
        integer(0, names.indexOf(name)),
        [1, 'addFieldOffset', write.integers(inputs)],
        [2, 'addFieldOffset', write.integers([output])],
        byte(3, union),
        ...settings,
      ]);
    });
    const codes = names.map((name) => {
      const [number] = operators[name];
      return write.table([byte(0, number), integer(2, 1), integer(3, number)]);
    });
    const subgraph = write.table([
      [0, 'addFieldOffset', write.offsets(tensors)],
      [1, 'addFieldOffset', write.integers(this.#inputs)],
      [2, 'addFieldOffset', write.integers(this.#outputs)],
      [3, 'addFieldOffset', write.offsets(nodes)],
      [4, 'addFieldOffset', builder.createString('main')],
    ]);
    const model = write.table([
      integer(0, 3), // the version of the schema
      [1, 'addFieldOffset', write.offsets(codes)],
      [2, 'addFieldOffset', write.offsets([subgraph])],
      [4, 'addFieldOffset', write.offsets(buffers)],
    ]);
    builder.finish(model, 'TFL3');
    return builder.asUint8Array().slice();
  }

  #constant(shape, type, data) {
    this.#buffers.push(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    return this.#tensor(shape, type, this.#buffers.length - 1);
  }

  #tensor(shape, type, buffer) {
    return this.#tensors.push({ shape, type, buffer }) - 1;
  }
}

// What must be complete before a table begins is an argument, and so is written before it.
class Writer {
  #builder;

  constructor(builder) {
    this.#builder = builder;
  }

  table(fields) {
    this.#builder.startObject(8);
    for (const [field, add, value] of fields) this.#builder[add](field, value, NaN);
    return this.#builder.endObject();
  }

  integers(values) {
    return this.#vector(values, 'addInt32');
  }

  offsets(values) {
    return this.#vector(values, 'addOffset');
  }

  // A buffer's bytes, at a multiple of 16 as XNNPACK wants weights.
  aligned(data) {
    this.#builder.startVector(1, data.length, 16);
    this.#builder.bb.setPosition((this.#builder.space -= data.length));
    this.#builder.bb.bytes().set(data, this.#builder.space);
    return this.#builder.endVector();
  }

  #vector(values, add) {
    this.#builder.startVector(4, values.length, 4);
    for (const value of values.toReversed()) this.#builder[add](value);
    return this.#builder.endVector();
  }
}
