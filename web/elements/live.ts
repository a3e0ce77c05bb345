// SPDX-License-Identifier: MIT
// Answers that follow the typing: a short pause, one question at a time, and only the newest counts.

/** A pause that joins fast keystrokes and still feels immediate. */
const PAUSE_MS = 25;

export class Live<Result> {
  private readonly ask: (text: string, signal: AbortSignal) => Promise<Result>;
  private readonly pause: number;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private running: AbortController | undefined;

  constructor(ask: (text: string, signal: AbortSignal) => Promise<Result>, pause = PAUSE_MS) {
    this.ask = ask;
    this.pause = pause;
  }

  /**
   * Gives up what is under way and asks about `text`. Just one of `done` and `failed` is called,
   * unless a newer request or `cancel` comes first.
   */
  request(text: string, done: (result: Result) => void, failed: (error: unknown) => void): void {
    this.cancel();
    const controller = new AbortController();
    this.running = controller;
    this.timer = setTimeout(() => {
      this.ask(text, controller.signal).then(
        (result) => {
          if (!controller.signal.aborted) done(result);
        },
        (error: unknown) => {
          if (!controller.signal.aborted) failed(error);
        },
      );
    }, this.pause);
  }

  cancel(): void {
    clearTimeout(this.timer);
    this.running?.abort();
    this.running = undefined;
  }
}
