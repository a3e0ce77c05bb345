// SPDX-License-Identifier: MIT
// In the single HTML file: the engine, its Worker and the model lie in the page itself.
import {
  load,
  type ModelFiles,
  type Translator,
  type TranslatorOptions,
  type WorkerRegard,
} from 'regard';

/** Two would make the file twice as large. */
export const models: readonly string[] = ['en-zh'];

export async function startEngine(): Promise<WorkerRegard> {
  const script = new Blob([await unpacked('worker.js')], { type: 'text/javascript' });
  const { buffer: wasmBinary } = await unpacked('regard.wasm');
  return load({
    worker: true,
    wasmBinary,
    workerFactory: () => new Worker(URL.createObjectURL(script)),
  });
}

export async function openModel(
  regard: WorkerRegard,
  name: string,
  options: TranslatorOptions,
): Promise<Translator> {
  const folder = `models/${name}/`;
  const total = elements(folder).reduce((sum, { text }) => sum + bytesIn(text), 0);
  const paths = new Set(elements(folder).map(({ dataset }) => dataset['file'] ?? ''));
  const files: ModelFiles = {};
  let loaded = 0;
  for (const path of paths) {
    const file = path.slice(folder.length);
    files[file] = await unpacked(path, (bytes) => {
      options.signal?.throwIfAborted();
      loaded += bytes;
      options.onProgress?.({ loaded, total, file, fromCache: false });
    });
  }
  return regard.translator(files, options);
}

function elements(prefix: string): HTMLScriptElement[] {
  return [...document.querySelectorAll<HTMLScriptElement>(`script[data-file^="${prefix}"]`)];
}

/** The bytes of an embedded file. Its parts are decoded one at a time, so that the page stays awake. */
async function unpacked(
  name: string,
  progress?: (bytes: number) => void,
): Promise<Uint8Array<ArrayBuffer>> {
  const parts = elements(name).map(({ text }) => text);
  const packed = new ReadableStream<Uint8Array<ArrayBuffer>>({
    async pull(controller) {
      const part = parts.shift();
      if (part === undefined) {
        controller.close();
        return;
      }
      await new Promise((resolve) => setTimeout(resolve));
      const bytes = Uint8Array.from(atob(part), (character) => character.charCodeAt(0));
      controller.enqueue(bytes);
      progress?.(bytes.length);
    },
  });
  const stream = packed.pipeThrough(new DecompressionStream('gzip'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

function bytesIn(base64: string): number {
  return (base64.length / 4) * 3 - (/=*$/.exec(base64)?.[0].length ?? 0);
}
