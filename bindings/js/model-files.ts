// SPDX-License-Identifier: MIT
// From what a person names as a model to its files: a name, a folder's address, or the files.
import { download, fetchText } from './download.js';
import { fail, throwIfAborted } from './error.js';
import type { Platform } from './platform.js';
import type { ModelFiles, TranslatorOptions } from './types.js';

export interface ModelFolder {
  readonly name: string;
  readonly files: ReadonlyMap<string, Uint8Array>;
}

const required = ['config.json', 'vocab.json', 'source.spm', 'target.spm'];
const optional = ['generation_config.json', 'tokenizer_config.json', 'target_vocab.json'];
const weights = 'model.safetensors';
const int8Weights = 'model.int8.safetensors';
const known = [...required, ...optional, weights, int8Weights];

/**
 * A folder may hold a `manifest.json`, `{"files": {"model.safetensors": {"bytes": …, "sha256": …}}}`:
 * then the sizes are known before, the files are checked, and kept for the next visit.
 * Of the two files of weights the one is read that the precision asks for, see TranslatorOptions.
 * @throws DownloadError, or what an aborted signal holds; ValueError for a precision that there is none of
 */
export async function readModel(
  platform: Platform,
  modelsUrl: string | URL | undefined,
  source: string | URL | ModelFiles,
  options: TranslatorOptions = {},
): Promise<ModelFolder> {
  throwIfAborted(options.signal);
  const { precision = 'f32' } = options;
  if (precision !== 'f32' && precision !== 'int8') {
    const given = String(precision);
    fail('ValueError', `translator: precision is '${given}', expected 'f32' or 'int8'`);
  }
  if (!isAddress(source)) return fromFiles(source);

  const base = modelUrl(platform, modelsUrl, source);
  const name = decodeURIComponent(base.pathname.split('/').at(-2) ?? '') || 'model';
  const files =
    base.protocol === 'file:' && platform.readFile
      ? await fromDisk(platform.readFile.bind(platform), base, precision)
      : await fromNetwork(base, options);
  return { name, files };
}

/** The address of a model's folder, ending with '/': a plain name lies under `modelsUrl`. */
export function modelUrl(
  platform: Platform,
  modelsUrl: string | URL | undefined,
  source: string | URL,
): URL {
  const plain = typeof source === 'string' && /^[\w-][\w.-]*$/.test(source);
  if (source === '') fail('ValueError', 'translator: the name is empty');
  const folder = plain
    ? new URL(
        source,
        asFolder(modelsUrl === undefined ? platform.modelsUrl() : platform.resolve(modelsUrl)),
      )
    : platform.resolve(source);
  return asFolder(folder);
}

function asFolder(url: URL): URL {
  return url.pathname.endsWith('/') ? url : new URL(`${url.pathname}/${url.search}`, url);
}

/** Whether a model is named by where it lies, not given as files. */
export function isAddress(source: string | URL | ModelFiles): source is string | URL {
  return typeof source === 'string' || Object.prototype.toString.call(source) === '[object URL]';
}

async function fromFiles(source: ModelFiles): Promise<ModelFolder> {
  if (typeof source !== 'object' || source === null) {
    fail('ValueError', 'translator: expected a name, the address of a folder, or files by name');
  }
  const files = new Map<string, Uint8Array>();
  for (const [path, content] of Object.entries(source)) {
    const file = path.split('/').at(-1) ?? path; // a folder chosen in a page gives paths
    if (known.includes(file)) files.set(file, await bytesOf(file, content));
  }
  return { name: 'files', files };
}

async function bytesOf(file: string, content: unknown): Promise<Uint8Array> {
  if (ArrayBuffer.isView(content)) {
    return new Uint8Array(content.buffer, content.byteOffset, content.byteLength);
  }
  switch (Object.prototype.toString.call(content)) {
    case '[object ArrayBuffer]':
      return new Uint8Array(content as ArrayBuffer);
    case '[object Blob]':
    case '[object File]':
      return new Uint8Array(await (content as Blob).arrayBuffer());
    default:
      return fail('ValueError', `translator: ${file} is neither bytes nor a Blob`);
  }
}

async function fromDisk(
  readFile: NonNullable<Platform['readFile']>,
  base: URL,
  precision: 'f32' | 'int8',
): Promise<Map<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>();
  const read = async (file: string): Promise<boolean> => {
    const bytes = await readFile(new URL(file, base));
    if (bytes) files.set(file, bytes);
    return bytes !== undefined;
  };
  for (const file of [...required, ...optional]) await read(file);
  if (!(precision === 'int8' && (await read(int8Weights)))) await read(weights);
  if (files.size === 0) fail('DownloadError', `translator: there is no model in ${base.href}`);
  return files;
}

async function fromNetwork(
  base: URL,
  options: TranslatorOptions,
): Promise<Map<string, Uint8Array>> {
  const sums = await manifest(base, options.signal);
  const int8 = options.precision === 'int8' && (sums?.has(int8Weights) ?? true);
  const either = int8 ? int8Weights : weights;
  const all = [...required, ...optional, either];
  const wanted = sums ? all.filter((file) => sums.has(file)) : all;
  const progress = new Map(
    wanted.map((file) => [file, { loaded: 0, total: sums?.get(file)?.bytes ?? 0 }]),
  );

  // One lost file ends the others; what they have stays for the next attempt.
  const stop = new AbortController();
  const forward = (): void => stop.abort(options.signal?.reason);
  options.signal?.addEventListener('abort', forward);
  const fetchOne = async (file: string): Promise<[string, Uint8Array] | undefined> => {
    const bytes = await download(
      {
        url: new URL(file, base),
        file,
        sha256: sums?.get(file)?.sha256,
        optional: optional.includes(file) || file === int8Weights,
      },
      {
        signal: stop.signal,
        onProgress({ loaded, total, fromCache }) {
          progress.set(file, { loaded, total: Math.max(total, progress.get(file)?.total ?? 0) });
          const sum = (what: 'loaded' | 'total'): number =>
            Array.from(progress.values()).reduce((all, one) => all + one[what], 0);
          options.onProgress?.({ loaded: sum('loaded'), total: sum('total'), file, fromCache });
        },
      },
    );
    // no manifest, and none in int8: the floats
    if (!bytes && file === int8Weights) return fetchOne(weights);
    return bytes && [file, bytes];
  };
  try {
    const entries = await Promise.all(wanted.map(fetchOne));
    return new Map(entries.filter((entry) => entry !== undefined));
  } catch (error) {
    stop.abort();
    throw error;
  } finally {
    options.signal?.removeEventListener('abort', forward);
  }
}

type Sums = Map<string, { bytes: number; sha256?: string }>;

async function manifest(base: URL, signal: AbortSignal | undefined): Promise<Sums | undefined> {
  const text = await fetchText(new URL('manifest.json', base), signal);
  let listed: unknown;
  try {
    listed = (JSON.parse(text ?? 'null') as { files?: unknown } | null)?.files;
  } catch {
    return undefined; // a server that answers every address with its front page
  }
  if (typeof listed !== 'object' || listed === null) return undefined;
  const sums: Sums = new Map();
  for (const [file, entry] of Object.entries(
    listed as Record<string, { bytes?: unknown; sha256?: unknown }>,
  )) {
    const bytes = Number(entry.bytes);
    const sum = entry.sha256;
    if (Number.isSafeInteger(bytes) && typeof sum === 'string')
      sums.set(file, { bytes, sha256: sum });
  }
  return sums;
}
