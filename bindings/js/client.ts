// SPDX-License-Identifier: MIT
// The page's side of protocol.ts: requests as promises, with cancelling, progress, and a Worker that
// may die.
import { abortReason, errorOf, fromReport, throwIfAborted } from './error.js';
import type { WorkerChannel } from './platform.js';
import type { Arguments, FromWorker, Method, Result, ToWorker } from './protocol.js';

interface Pending {
  resolve: (result: never) => void;
  reject: (error: unknown) => void;
  onProgress: ((progress: never) => void) | undefined;
}

export interface Watch<Progress, Found = never> {
  signal?: AbortSignal | undefined;
  onProgress?: ((progress: Progress) => void) | undefined;
  /** Takes what was found although it was given up, for what must be given back. */
  onLate?: ((found: Found) => void) | undefined;
}

export class Client {
  readonly #channel: WorkerChannel;
  readonly #pending = new Map<number, Pending>();
  readonly #late = new Map<number, (found: never) => void>();
  #lastId = 0;
  #end: Error | undefined;

  constructor(channel: WorkerChannel) {
    this.#channel = channel;
    channel.listen((message) => this.#receive(message as FromWorker));
    channel.onDeath((reason) =>
      this.#close(
        errorOf('PoisonedError', `the Worker stopped (${reason}); load() gives a fresh engine`),
      ),
    );
  }

  /** throws what ended the Worker, if something did. */
  expectAlive(): void {
    if (this.#end) throw this.#end;
  }

  /** Asks the Worker. An aborted signal rejects at once; the Worker is told and stops by itself. */
  async ask<M extends Method, Progress = never>(
    method: M,
    given: Arguments<M>,
    { signal, onProgress, onLate }: Watch<Progress, Result<M>> = {},
  ): Promise<Result<M>> {
    this.expectAlive();
    throwIfAborted(signal);
    const id = ++this.#lastId;
    let cancel = (): void => undefined;
    try {
      return await new Promise<Result<M>>((resolve, reject) => {
        this.#pending.set(id, { resolve, reject, onProgress });
        this.#channel.hold(true);
        cancel = () => {
          this.#send({ cancel: id });
          if (onLate) this.#late.set(id, onLate);
          // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- the caller's own reason
          if (signal) reject(abortReason(signal));
        };
        signal?.addEventListener('abort', cancel);
        const progress = onProgress !== undefined;
        this.#send({ id, method, arguments: given, progress } as ToWorker);
      });
    } finally {
      signal?.removeEventListener('abort', cancel);
      this.#pending.delete(id);
      if (this.#pending.size === 0) this.#channel.hold(false);
    }
  }

  dispose(): void {
    this.#close(errorOf('DisposedError', 'regard: the engine was disposed of'));
  }

  #send(message: ToWorker): void {
    this.#channel.post(message, []);
  }

  #receive(message: FromWorker): void {
    const pending = this.#pending.get(message.id);
    if (!pending) {
      this.#receiveLate(message); // cancelled meanwhile
    } else if ('result' in message) {
      pending.resolve(message.result as never);
    } else if ('error' in message) {
      pending.reject(fromReport(message.error));
    } else {
      pending.onProgress?.(message.progress as never);
    }
  }

  #receiveLate(message: FromWorker): void {
    if ('progress' in message) return;
    const take = this.#late.get(message.id);
    this.#late.delete(message.id);
    if (take && 'result' in message) take(message.result as never);
  }

  #close(end: Error): void {
    if (this.#end) return;
    this.#end = end;
    this.#channel.terminate();
    for (const { reject } of this.#pending.values()) reject(end);
  }
}
