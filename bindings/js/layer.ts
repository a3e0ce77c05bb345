// SPDX-License-Identifier: MIT
import type { Core } from './core.js';
import { EngineTensor } from './engine-tensor.js';
import { fail } from './error.js';
import { disposeSymbol } from './features.js';
import { traceStages } from './interventions.js';
import { operate } from './operate.js';
import type { Layer, LayerCall, LayerKind, LayerKinds, LayerOutputs, MaskLike } from './types.js';

/** A layer of the engine. */
export class EngineLayer<Kind extends keyof LayerKinds> implements Layer<Kind> {
  readonly kind: Kind;
  readonly parameters: Readonly<Record<string, EngineTensor>>;
  readonly #core: Core;
  readonly #layer: number;
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
    core.tensors.add(this);
  }

  /** What lives as long as the layer. */
  get owned(): readonly EngineTensor[] {
    return Object.values(this.parameters);
  }

  forward(
    inputs: LayerKinds[Kind]['inputs'],
    { training, seed, trace, edits, ...call }: LayerCall = {},
  ): LayerOutputs<Kind> {
    this.#expectAlive();
    const given = Object.entries(inputs as Readonly<Record<string, MaskLike | undefined>>).filter(
      ([, values]) => values !== undefined,
    );
    const list: unknown = edits ?? [];
    if (!(Array.isArray(list) && list.every((edit) => typeof edit === 'object' && edit !== null))) {
      fail('ValueError', `${this.kind}: edits is no array of objects`);
    }
    const values = edits?.map((edit, i) => [`edit ${i}`, edit.values] as const) ?? [];
    const operands = Object.fromEntries([...given, ...values]);
    const facts = operate(this.#core, 'layer.forward', operands, {
      layer: this.#layer,
      inputs: given.map(([name]) => name),
      training,
      seed,
      call,
      trace: trace === true ? traceStages : trace === false ? undefined : trace,
      edits: edits?.map((edit) => ({ ...edit, values: undefined })),
    });
    const names = this.#core.answer() as string[];
    return Object.fromEntries(
      names.map((name, i) => [name, new EngineTensor(this.#core, facts[i]!)]),
    ) as unknown as LayerOutputs<Kind>;
  }

  load(state: Readonly<Record<string, MaskLike>>): this {
    this.#expectAlive();
    operate(this.#core, 'layer.load', state, { layer: this.#layer, names: Object.keys(state) });
    for (const parameter of this.owned) parameter.forget();
    return this;
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    for (const parameter of this.owned) parameter.dispose();
    if (this.#core.tensors.delete(this)) {
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
