// SPDX-License-Identifier: MIT
// The page's one engine with its model: starting, downloading, ready, stopped, and how to go on. There
// is one model at a time, for each takes 77 MB: another one that was here before opens again in a
// moment from what the browser keeps of downloads.
import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { Translator, WorkerRegard } from 'regard';
import { openModel, startEngine } from './engine.js';

export type Phase = 'idle' | 'starting' | 'loading' | 'ready' | 'cancelled' | 'failed' | 'stopped';

export class Model implements ReactiveController {
  phase: Phase = 'idle';
  loaded = 0;
  /** 0 while unknown. */
  total = 0;
  fromCache = false;
  problem = '';
  translator: Translator | undefined;
  build = '';

  private readonly host: ReactiveControllerHost;
  private name: string;
  private engine: Promise<WorkerRegard> | undefined;
  private running: AbortController | undefined;

  constructor(host: ReactiveControllerHost, name: string) {
    this.host = host;
    this.name = name;
    host.addController(this);
  }

  hostConnected(): void {
    // nothing before `start`: the reader may want to save data
  }

  hostDisconnected(): void {
    this.cancel();
    this.giveUp();
  }

  async start(): Promise<void> {
    const running = new AbortController();
    const { signal } = running;
    this.running = running;
    this.loaded = this.total = 0;
    this.become('starting');
    try {
      const regard = await this.started();
      signal.throwIfAborted();
      this.build = regard.build;
      this.become('loading');
      this.translator = await openModel(regard, this.name, {
        signal,
        onProgress: ({ loaded, total, fromCache }) => {
          if (signal.aborted) return;
          this.loaded = loaded;
          this.total = total;
          this.fromCache = fromCache;
          this.host.requestUpdate();
        },
      });
      this.become('ready');
    } catch (error) {
      if (signal.aborted) return;
      this.problem = error instanceof Error ? error.message : String(error);
      if (isPoisoned(error)) this.giveUp();
      this.become('failed');
    }
  }

  cancel(): void {
    if (this.phase !== 'starting' && this.phase !== 'loading') return;
    this.running?.abort();
    this.become('cancelled');
  }

  /** Lets go of the model, also of one on its way, for the one of this name; `start` fetches it. */
  turnTo(name: string): void {
    if (name === this.name) return;
    this.running?.abort();
    this.translator?.dispose();
    this.translator = undefined;
    this.name = name;
    this.become('idle');
  }

  /** The engine broke while it worked: nothing of it can be used any more. */
  stop(error: unknown): void {
    if (!isPoisoned(error)) return;
    this.giveUp();
    this.become('stopped');
  }

  // Once for all models, and again after a failure.
  private started(): Promise<WorkerRegard> {
    this.engine ??= startEngine().catch((error: unknown) => {
      this.engine = undefined;
      throw error;
    });
    return this.engine;
  }

  // The next start gets a fresh engine.
  private giveUp(): void {
    this.engine?.then(
      (regard) => regard.dispose(),
      () => undefined,
    );
    this.engine = undefined;
    this.translator = undefined;
  }

  private become(phase: Phase): void {
    this.phase = phase;
    this.host.requestUpdate();
  }
}

function isPoisoned(error: unknown): boolean {
  return error instanceof Error && error.name === 'PoisonedError';
}
