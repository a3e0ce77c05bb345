// SPDX-License-Identifier: MIT
// The workloads as ONNX models, each in every way that ONNX has to say them. The encoder of protocol buffers
// is a few lines, since nothing is read and no message is optional.
import { joined, transposed } from './workloads.mjs';

/** In how many ways a kind of workload can be said: which operator attends. */
export const onnxVariants = {
  attention: ['matmul', 'MultiHeadAttention', 'Attention-23'],
  layer: ['matmul', 'MultiHeadAttention', 'Attention', 'Attention-23'],
  encoder: ['matmul', 'MultiHeadAttention', 'Attention', 'Attention-23'],
  decoding: ['matmul', 'MultiHeadAttention'],
};

/** The model's bytes. Inputs are q, k, v or x, and for decoding key0, value0, …; the output is `output`. */
export function onnxModel(w, variant) {
  const graph = new Graph(variant === 'Attention-23' ? 23 : 17);
  builders[w.kind](graph, w, variant);
  return graph.bytes();
}

/** The shapes of q, k and v, which (H, n, D) data must be brought into for some variants. */
export function onnxShape({ H, n, D }, variant) {
  if (variant === 'MultiHeadAttention') return [1, n, H * D];
  return variant === 'matmul' ? [H, n, D] : [1, H, n, D];
}

const builders = {
  attention(graph, w, variant) {
    const shape = onnxShape(w, variant);
    const [q, k, v] = ['q', 'k', 'v'].map((name) => graph.input(name, shape));
    const output =
      variant === 'matmul'
        ? plain(graph, q, graph.node('Transpose', [k], { perm: [0, 2, 1] }), v, w.D)
        : variant === 'MultiHeadAttention'
          ? graph.node('MultiHeadAttention', [q, k, v], { num_heads: w.H }, contributed)
          : graph.node('Attention', [q, k, v]);
    graph.output(output, 'output', shape);
  },

  layer(graph, w, variant) {
    const x = graph.input('x', [w.n, w.M]);
    graph.output(multiHead(graph, x, w, variant), 'output', [w.n, w.M]);
  },

  encoder(graph, w, variant) {
    const x = graph.input('x', [w.n, w.M]);
    const norm = (rows, { weight, bias }) =>
      graph.node('LayerNormalization', [
        rows,
        graph.floats([w.M], weight),
        graph.floats([w.M], bias),
      ]);
    const attended = multiHead(graph, x, w, variant);
    const first = norm(graph.node('Add', [x, attended]), w.norms[0]);
    const hidden = graph.node('Relu', [product(graph, first, w.first)]);
    const second = graph.node('Add', [first, product(graph, hidden, w.second)]);
    graph.output(norm(second, w.norms[1]), 'output', [w.n, w.M]);
  },

  decoding(graph, { M, H, D, past, blocks }, variant) {
    let x = graph.input('x', [1, M]);
    blocks.forEach(({ attention }, i) => {
      const caches = ['key', 'value'].map((name) => graph.input(`${name}${i}`, [1, H, past, D]));
      const attended =
        variant === 'matmul'
          ? plainStep(graph, x, attention, caches, { M, H, D })
          : fusedStep(graph, x, attention, caches, { M, H });
      const [output, ...grown] = attended;
      grown.forEach((name, place) => {
        const shape = [1, H, past + 1, D];
        graph.output(name, `${place ? 'newValue' : 'newKey'}${i}`, shape);
      });
      x = graph.node('Add', [x, product(graph, output, attention.o)]);
    });
    graph.output(x, 'output', [1, M]);
  },
};

// softmax(q kᵀ / √D) v
function plain(graph, q, transposedKeys, v, D) {
  const scale = graph.floats([], Float32Array.of(1 / Math.sqrt(D)));
  const scores = graph.node('Mul', [graph.node('MatMul', [q, transposedKeys]), scale]);
  return graph.node('MatMul', [graph.node('Softmax', [scores], { axis: -1 }), v]);
}

function product(graph, x, linear) {
  const weight = graph.floats([linear.inputs, linear.outputs], transposed(linear));
  return graph.node('Gemm', [x, weight, graph.floats([linear.outputs], linear.bias)]);
}

function split(graph, x, M) {
  return graph.nodes('Split', [x, graph.integers([M, M, M])], 3, { axis: 1 });
}

function multiHead(graph, x, { n, M, H, D, attention }, variant) {
  const all = joined(attention);
  let context;
  if (variant === 'matmul') {
    const heads = graph.integers([n, H, D]);
    const arrange = (rows, perm) =>
      graph.node('Transpose', [graph.node('Reshape', [rows, heads])], { perm });
    const [q, k, v] = split(graph, product(graph, x, all), M);
    const attended = plain(
      graph,
      arrange(q, [1, 0, 2]),
      arrange(k, [1, 2, 0]),
      arrange(v, [1, 0, 2]),
      D,
    );
    context = graph.node('Transpose', [attended], { perm: [1, 0, 2] });
  } else {
    const rows = graph.node('Reshape', [x, graph.integers([1, n, M])]);
    const bias = () => graph.floats([3 * M], all.bias);
    const project = (name) =>
      graph.node('MatMul', [rows, graph.floats([M, M], transposed(attention[name]))]);
    if (variant === 'Attention') {
      const weight = graph.floats([M, 3 * M], transposed(all));
      context = graph.node('Attention', [rows, weight, bias()], { num_heads: H }, contributed);
    } else if (variant === 'MultiHeadAttention') {
      const projected = ['q', 'k', 'v'].map(project);
      const options = { num_heads: H };
      context = graph.node('MultiHeadAttention', [...projected, bias()], options, contributed);
    } else {
      const projected = ['q', 'k', 'v'].map((name) =>
        graph.node('Add', [project(name), graph.floats([M], attention[name].bias)]),
      );
      context = graph.node('Attention', projected, { q_num_heads: H, kv_num_heads: H });
    }
  }
  return product(graph, graph.node('Reshape', [context, graph.integers([n, M])]), attention.o);
}

// One query: its context, and the caches with its key and value behind them.
function plainStep(graph, x, attention, [keys, values], { M, H, D }) {
  const heads = graph.integers([1, H, 1, D]);
  const [q, k, v] = split(graph, product(graph, x, joined(attention)), M).map((row) =>
    graph.node('Reshape', [row, heads]),
  );
  const allKeys = graph.node('Concat', [keys, k], { axis: 2 });
  const allValues = graph.node('Concat', [values, v], { axis: 2 });
  const turned = graph.node('Transpose', [allKeys], { perm: [0, 1, 3, 2] });
  const context = plain(graph, q, turned, allValues, D);
  return [graph.node('Reshape', [context, graph.integers([1, M])]), allKeys, allValues];
}

function fusedStep(graph, x, attention, [keys, values], { M, H }) {
  const row = graph.node('Reshape', [x, graph.integers([1, 1, M])]);
  const projected = ['q', 'k', 'v'].map((name) =>
    graph.node('MatMul', [row, graph.floats([M, M], transposed(attention[name]))]),
  );
  const bias = graph.floats([3 * M], joined(attention).bias);
  const operands = [...projected, bias, '', '', keys, values];
  const options = { num_heads: H };
  const [context, ...grown] = graph.nodes('MultiHeadAttention', operands, 3, options, contributed);
  return [graph.node('Reshape', [context, graph.integers([1, M])]), ...grown];
}

const contributed = 'com.microsoft';
const FLOAT = 1;
const INT64 = 7;

// A ModelProto in the making: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto has the numbers.
class Graph {
  #fields = { nodes: [], constants: [], inputs: [], outputs: [] };
  #version;
  #names = 0;

  constructor(version) {
    this.#version = version;
  }

  input(name, shape) {
    this.#fields.inputs.push([11, tensorType(name, shape)]);
    return name;
  }

  output(value, name, shape) {
    this.#fields.nodes.push([1, nodeMessage('Identity', [value], [name], {}, '')]);
    this.#fields.outputs.push([12, tensorType(name, shape)]);
  }

  floats(shape, data) {
    return this.#constant(shape, data, FLOAT);
  }

  integers(values) {
    return this.#constant([values.length], BigInt64Array.from(values.map(BigInt)), INT64);
  }

  node(type, inputs, attributes = {}, domain = '') {
    return this.nodes(type, inputs, 1, attributes, domain)[0];
  }

  nodes(type, inputs, count, attributes = {}, domain = '') {
    const outputs = Array.from({ length: count }, () => this.#name());
    this.#fields.nodes.push([1, nodeMessage(type, inputs, outputs, attributes, domain)]);
    return outputs;
  }

  bytes() {
    const { nodes, constants, inputs, outputs } = this.#fields;
    const graph = [...nodes, [2, 'workload'], ...constants, ...inputs, ...outputs];
    const uses = (domain, version) => [8, message([[1, domain], [2, version]])]; // prettier-ignore
    const irVersion = this.#version >= 23 ? 11 : 8;
    return message([
      ...[[1, irVersion], [7, message(graph)]],
      ...[uses('', this.#version), uses(contributed, 1)],
    ]); // prettier-ignore
  }

  #constant(shape, data, type) {
    const name = this.#name();
    const raw = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    const sizes = shape.map((size) => [1, size]);
    this.#fields.constants.push([5, message([...sizes, [2, type], [8, name], [9, raw]])]);
    return name;
  }

  #name() {
    return `t${this.#names++}`;
  }
}

function tensorType(name, shape) {
  const sizes = message(shape.map((size) => [1, message([[1, size]])]));
  const tensor = message([[1, FLOAT], [2, sizes]]); // prettier-ignore
  return message([[1, name], [2, message([[1, tensor]])]]); // prettier-ignore
}

function nodeMessage(type, inputs, outputs, attributes, domain) {
  const [INT, INTS] = [2, 7];
  const attribute = ([name, value]) =>
    Array.isArray(value)
      ? message([[1, name], ...value.map((item) => [8, item]), [20, INTS]])
      : message([[1, name], [3, value], [20, INT]]); // prettier-ignore
  return message([
    ...inputs.map((name) => [1, name]),
    ...outputs.map((name) => [2, name]),
    [4, type],
    ...Object.entries(attributes).map((entry) => [5, attribute(entry)]),
    [7, domain],
  ]);
}

// Fields as [number, whole number | text | bytes].
function message(fields) {
  const parts = fields.flatMap(([number, value]) => {
    if (typeof value === 'number') return [varint(number << 3), varint(value)];
    const bytes = typeof value === 'string' ? new TextEncoder().encode(value) : value;
    return [varint((number << 3) | 2), varint(bytes.length), bytes];
  });
  const result = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let place = 0;
  for (const part of parts) {
    result.set(part, place);
    place += part.length;
  }
  return result;
}

// Negative numbers are those of 64 bits.
function varint(value) {
  const bytes = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  for (; rest >= 128n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return Uint8Array.from([...bytes, Number(rest)]);
}
