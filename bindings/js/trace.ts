// SPDX-License-Identifier: MIT
// What was seen inside of a translator, as plain objects.
import type { Core } from './core.js';
import { fail } from './error.js';
import type { InfluenceHandle, TraceHandle } from './module.js';
import { readSentence, readTensor } from './read.js';
import type { Influence, TensorData, Trace } from './types.js';

/** A trace without what cannot be sent from a Worker. */
export type PlainTrace = Omit<Trace, 'step'>;

/** Copies a trace out of the engine and frees it. */
export function readTrace(core: Core, handle: TraceHandle): PlainTrace {
  return core.using((keep) => {
    keep(handle);
    const source = readSentence(
      core,
      core.call(() => handle.source()),
    );
    const target = readSentence(
      core,
      core.call(() => handle.target()),
    );
    const logProbabilities = core.call(() => handle.logProbabilities());
    const steps: Record<string, TensorData> = {};
    for (let place = 0; place < handle.steps(); ++place) {
      const name = core.call(() => handle.name(place));
      steps[name] = readTensor(
        core,
        core.call(() => handle.values(place)),
      );
    }
    return {
      text: target.text,
      source,
      target,
      logProbabilities: readTensor(core, logProbabilities).data,
      steps,
    };
  });
}

/** A trace whose steps can be asked for by place. */
export function accessible(trace: PlainTrace): Trace {
  return {
    ...trace,
    step(where, layer, stage) {
      const side = where === 'encoder' ? 'encoder' : 'decoder';
      const name = `${side}.${layer}.${where === 'cross' ? 'cross' : 'self'}.${stage}`;
      return trace.steps[name] ?? fail('ValueError', `trace: there is no step ${name}`);
    },
  };
}

/** Copies what is finished out of the engine. */
export function readInfluence(core: Core, handle: InfluenceHandle): Influence {
  const source = readSentence(
    core,
    core.call(() => handle.source()),
  );
  const target = readSentence(
    core,
    core.call(() => handle.target()),
  );
  const influence = core.call(() => handle.influence());
  const attention = core.call(() => handle.attention());
  return {
    text: target.text,
    source,
    target,
    logProbability: core.call(() => handle.logProbability()),
    influence: readTensor(core, influence).data,
    attention: readTensor(core, attention).data,
    agreement: core.call(() => handle.agreement()),
  };
}
