// SPDX-License-Identifier: MIT
// The page's one engine with its model: starting, downloading, ready, stopped, and how to go on.
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
  private regard: WorkerRegard | undefined;
  private running: AbortController | undefined;

  constructor(host: ReactiveControllerHost) {
    this.host = host;
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
    this.become('starting');
    try {
      this.regard ??= await startEngine();
      signal.throwIfAborted();
      this.build = this.regard.build;
      this.become('loading');
      this.translator = await openModel(this.regard, {
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

  /** The engine broke while it worked: nothing of it can be used any more. */
  stop(error: unknown): void {
    if (!isPoisoned(error)) return;
    this.giveUp();
    this.become('stopped');
  }

  // The next start gets a fresh engine.
  private giveUp(): void {
    this.regard?.dispose();
    this.regard = undefined;
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
