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

const required = ['config.json', 'vocab.json', 'source.spm', 'target.spm', 'model.safetensors'];
const optional = ['generation_config.json', 'tokenizer_config.json', 'target_vocab.json'];
const known = [...required, ...optional];

/**
 * A folder may hold a `manifest.json`, `{"files": {"model.safetensors": {"bytes": …, "sha256": …}}}`:
 * then the sizes are known before, the files are checked, and kept for the next visit.
 * @throws DownloadError, or what an aborted signal holds
 */
export async function readModel(
  platform: Platform,
  modelsUrl: string | URL | undefined,
  source: string | URL | ModelFiles,
  options: TranslatorOptions = {},
): Promise<ModelFolder> {
  throwIfAborted(options.signal);
  if (!isAddress(source)) return fromFiles(source);

  const base = modelUrl(platform, modelsUrl, source);
  const name = decodeURIComponent(base.pathname.split('/').at(-2) ?? '') || 'model';
  const files =
    base.protocol === 'file:' && platform.readFile
      ? await fromDisk(platform.readFile.bind(platform), base)
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
): Promise<Map<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>();
  for (const file of known) {
    const bytes = await readFile(new URL(file, base));
    if (bytes) files.set(file, bytes);
  }
  if (files.size === 0) fail('DownloadError', `translator: there is no model in ${base.href}`);
  return files;
}

async function fromNetwork(
  base: URL,
  options: TranslatorOptions,
): Promise<Map<string, Uint8Array>> {
  const sums = await manifest(base, options.signal);
  const wanted = sums ? known.filter((file) => sums.has(file)) : known;
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
        optional: optional.includes(file),
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
