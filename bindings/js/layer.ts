// SPDX-License-Identifier: MIT
import { EngineCache } from './cache.js';
import type { Core, Facts, Prepared } from './core.js';
import { EngineTensor } from './engine-tensor.js';
import { fail } from './error.js';
import { disposeSymbol } from './features.js';
import { traceStages } from './interventions.js';
import type { Operands } from './operate.js';
import { execute, operate, toText } from './operate.js';
import { Recent } from './recent.js';
import type {
  CacheOptions,
  Layer,
  LayerCall,
  LayerKind,
  LayerKinds,
  LayerOutputs,
  MaskLike,
} from './types.js';

/** A layer of the engine. */
export class EngineLayer<Kind extends keyof LayerKinds> implements Layer<Kind> {
  readonly kind: Kind;
  readonly parameters: Readonly<Record<string, EngineTensor>>;
  readonly #core: Core;
  readonly #layer: number;
  readonly #recent = new Recent<{ prepared: Prepared; inputs: readonly string[] }>();
  #disposed = false;

  constructor(core: Core, kind: Kind, options: object, random: { seed?: number }) {
    const facts = operate(core, 'layer', {}, { ...random, kind, options });
    const { layer, names } = core.answer() as { layer: number; names: string[] };
    this.#core = core;
    this.#layer = layer;
    this.kind = kind;
    this.parameters = Object.freeze(
      Object.fromEntries(names.map((name, i) => [name, new EngineTensor(core, facts[i]!)])),
    );
    core.hold(this);
  }

  /** What lives as long as the layer. */
  get owned(): readonly EngineTensor[] {
    return Object.values(this.parameters);
  }

  forward(inputs: LayerKinds[Kind]['inputs'], options: LayerCall = {}): LayerOutputs<Kind> {
    this.#expectAlive();
    const given = present(inputs as Operands);
    const known = this.#recent.find(options);
    const facts =
      known && equal(known.inputs, Object.keys(given))
        ? execute(this.#core, known.prepared, given)
        : this.#forward(given, options);
    const outputs: Record<string, EngineTensor> = {};
    for (const [i, name] of (this.#core.answer() as string[]).entries()) {
      outputs[name] = new EngineTensor(this.#core, facts[i]!);
    }
    return outputs as unknown as LayerOutputs<Kind>;
  }

  // With options that are not those of the last time.
  #forward(given: Operands, options: LayerCall): (Facts | undefined)[] {
    const { training, seed, trace, edits, ...call } = options;
    const list: unknown = edits ?? [];
    if (!(Array.isArray(list) && list.every((edit) => typeof edit === 'object' && edit !== null))) {
      fail('ValueError', `${this.kind}: edits is no array of objects`);
    }
    const inputs = Object.keys(given);
    const text = toText('layer.forward', {
      layer: this.#layer,
      inputs,
      training,
      seed,
      call,
      trace: trace === true ? traceStages : trace === false ? undefined : trace,
      edits: edits?.map((edit) => ({ ...edit, values: undefined })),
    });
    const prepared = this.#core.prepare('layer.forward', text);
    this.#recent.keep(options, { prepared, inputs });
    const values = edits?.map((edit, i) => [`edit ${i}`, edit.values] as const) ?? [];
    return execute(this.#core, prepared, { ...given, ...Object.fromEntries(values) });
  }

  load(state: Readonly<Record<string, MaskLike>>): this {
    this.#expectAlive();
    operate(this.#core, 'layer.load', state, { layer: this.#layer, names: Object.keys(state) });
    for (const parameter of this.owned) parameter.forget();
    return this;
  }

  cache(options: CacheOptions = {}): EngineCache {
    this.#expectAlive();
    return new EngineCache(this.#core, this.#layer, () => this.#expectAlive(), options);
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    for (const parameter of this.owned) parameter.dispose();
    if (this.#core.drop(this)) {
      this.#core.retire('layer.release', { layer: this.#layer });
    }
  }

  [disposeSymbol](): void {
    this.dispose();
  }

  #expectAlive(): void {
    if (this.#disposed) fail('DisposedError', `${this.kind}: it was disposed of`);
  }
}

export function layerKinds(core: Core): readonly LayerKind[] {
  operate(core, 'layer.kinds', {});
  return core.answer() as LayerKind[];
}

// Those that are there.
function present(inputs: Operands): Operands {
  const all = Object.values(inputs);
  if (!all.includes(undefined)) return inputs;
  return Object.fromEntries(Object.entries(inputs).filter(([, values]) => values !== undefined));
}

function equal(x: readonly string[], y: readonly string[]): boolean {
  return x.length === y.length && x.every((name, i) => name === y[i]);
}
