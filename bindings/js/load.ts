// SPDX-License-Identifier: MIT
import { Engine } from './engine.js';
import type { Platform, Spawn } from './platform.js';
import type { Lab, LoadOptions, Regard, WorkerRegard } from './types.js';
import { WorkerEngine } from './worker-engine.js';

/** What `load` is, in a browser or in Node. */
export interface Load {
  (options: LoadOptions & { worker?: false; lab: true }): Promise<Lab>;
  (options?: LoadOptions & { worker?: false }): Promise<Regard>;
  (options: LoadOptions & { worker: true }): Promise<WorkerRegard>;
  (options?: LoadOptions): Promise<Regard | WorkerRegard>;
}

export function loader(platform: Platform, spawn: Spawn): Load {
  function load(options: LoadOptions & { worker?: false; lab: true }): Promise<Lab>;
  function load(options?: LoadOptions & { worker?: false }): Promise<Regard>;
  function load(options: LoadOptions & { worker: true }): Promise<WorkerRegard>;
  function load(options?: LoadOptions): Promise<Regard | WorkerRegard>;
  function load(options: LoadOptions = {}): Promise<Regard | WorkerRegard> {
    return options.worker
      ? WorkerEngine.start(platform, spawn, options)
      : Engine.start(platform, options);
  }
  return load;
}
