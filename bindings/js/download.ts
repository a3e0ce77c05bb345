// SPDX-License-Identifier: MIT
// One file from the network: with bytes counted, resumable after a cut, checked if its SHA-256 is
// known, and then kept for the next visit.
import { abortReason, describe, fail, throwIfAborted } from './error.js';
import { openCache, sha256 } from './features.js';

export interface FileRequest {
  readonly url: URL;
  /** Its name in messages. */
  readonly file: string;
  /** From a manifest. Only what is known by its sum is kept: a newer file has another. */
  readonly sha256?: string | undefined;
  /** A file that need not be there: its absence gives undefined. */
  readonly optional?: boolean;
}

export interface FileProgress {
  readonly loaded: number;
  /** 0 while the server has not said. */
  readonly total: number;
  readonly fromCache: boolean;
}

export interface DownloadOptions {
  signal?: AbortSignal | undefined;
  onProgress?: ((progress: FileProgress) => void) | undefined;
}

type Bytes = Uint8Array<ArrayBuffer>;

/** What arrived before a cut, and by what the server knows the version. */
interface Partial {
  chunks: Bytes[];
  loaded: number;
  total: number;
  validator: string | null;
}

const cacheName = 'regard-models';
// A download takes its part out while it runs, so that two of one file cannot mix.
const partials = new Map<string, Partial>();
const memory = new Map<string, Bytes>();

/**
 * @returns the bytes, or undefined for an optional file that is not there
 * @throws DownloadError if the file cannot be had whole, saying how much has come and whether the
 *   next call resumes there. What an aborted `signal` holds.
 */
export async function download(
  request: FileRequest,
  options: DownloadOptions = {},
): Promise<Bytes | undefined> {
  throwIfAborted(options.signal);
  const kept = await recall(request);
  if (kept) {
    options.onProgress?.({ loaded: kept.length, total: kept.length, fromCache: true });
    return kept;
  }
  const bytes = await fetchWhole(request, options);
  if (bytes && request.sha256 !== undefined) {
    const actual = await sha256(bytes);
    if (actual !== undefined && actual !== request.sha256.toLowerCase()) {
      fail(
        'DownloadError',
        `${request.file}: what arrived is not what the manifest names (SHA-256 ${actual}, expected ${request.sha256})`,
      );
    }
    await remember(request, bytes);
  }
  return bytes;
}

async function fetchWhole(
  request: FileRequest,
  options: DownloadOptions,
): Promise<Bytes | undefined> {
  const key = request.url.href;
  const before = partials.get(key);
  partials.delete(key);
  const response = await ask(request, options, before);
  if (request.optional && (response.status === 404 || response.status === 410)) return undefined;
  if (response.status === 416 && before) return fetchWhole(request, options);
  if (!response.ok) {
    fail('DownloadError', `${request.file}: ${request.url.href} answered ${response.status}`);
  }

  const part = response.status === 206 && before ? before : begin(response);
  try {
    await receive(response, part, options);
  } catch (error) {
    const resumable = part.validator !== null || request.sha256 !== undefined;
    if (resumable) partials.set(key, part);
    if (options.signal?.aborted) throw abortReason(options.signal);
    const came = part.total ? `${part.loaded} of ${part.total}` : String(part.loaded);
    const next = resumable ? 'resumes there' : 'begins anew';
    fail(
      'DownloadError',
      `${request.file}: the connection was lost after ${came} bytes; the next attempt ${next}`,
      error,
    );
  }
  return joined(part);
}

async function ask(
  { url, file }: FileRequest,
  { signal }: DownloadOptions,
  part: Partial | undefined,
): Promise<Response> {
  const headers: Record<string, string> = {};
  if (part) {
    headers['Range'] = `bytes=${part.loaded}-`;
    if (part.validator !== null) headers['If-Range'] = part.validator;
  }
  try {
    const response = await fetch(url, { headers, signal: signal ?? null });
    const range = response.headers.get('content-range');
    const continues = range === null || range.startsWith(`bytes ${part?.loaded ?? 0}-`);
    return response.status !== 206 || continues
      ? response
      : await fetch(url, { signal: signal ?? null });
  } catch (error) {
    if (part) partials.set(url.href, part);
    if (signal?.aborted) throw abortReason(signal);
    return fail(
      'DownloadError',
      `${file}: ${url.href} could not be fetched (${describe(error).message})`,
      error,
    );
  }
}

function begin({ headers }: Response): Partial {
  const etag = headers.get('etag');
  // A weak tag does not promise the same bytes. The length of a compressed body is another one.
  const validator = etag !== null && !etag.startsWith('W/') ? etag : headers.get('last-modified');
  const total = headers.has('content-encoding') ? 0 : Number(headers.get('content-length') ?? 0);
  return { chunks: [], loaded: 0, total, validator };
}

async function receive(
  response: Response,
  part: Partial,
  { onProgress }: DownloadOptions,
): Promise<void> {
  const reader = response.body?.getReader();
  if (!reader) return;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    part.chunks.push(value);
    part.loaded += value.length;
    onProgress?.({ loaded: part.loaded, total: part.total, fromCache: false });
  }
  if (part.loaded < part.total) fail('DownloadError', 'the body ended early');
}

function joined({ chunks, loaded }: Partial): Bytes {
  const bytes = new Uint8Array(loaded);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.length;
  }
  return bytes;
}

// The key names the contents, so that what is found is never outdated.
function cacheKey({ url, sha256: sum }: FileRequest): string | undefined {
  return sum === undefined ? undefined : `${url.href.replace(/[?#].*$/, '')}?sha256=${sum}`;
}

async function recall(request: FileRequest): Promise<Bytes | undefined> {
  const key = cacheKey(request);
  if (key === undefined) return undefined;
  const cache = await openCache(cacheName);
  if (!cache) return memory.get(key);
  const hit = await cache.match(key).catch(() => undefined);
  return hit && new Uint8Array(await hit.arrayBuffer());
}

async function remember(request: FileRequest, bytes: Bytes): Promise<void> {
  const key = cacheKey(request);
  if (key === undefined) return;
  const cache = await openCache(cacheName);
  if (!cache) {
    memory.set(key, bytes);
    return;
  }
  // A full disk only means another download next time.
  await cache.put(key, new Response(bytes)).catch(() => undefined);
}

/** A small text that must be fresh, or as it last was when the network is away. */
export async function fetchText(
  url: URL,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  const cache = await openCache(cacheName);
  try {
    const response = await fetch(url, { cache: 'no-cache', signal: signal ?? null });
    if (!response.ok) return undefined;
    await cache?.put(url, response.clone()).catch(() => undefined);
    return await response.text();
  } catch {
    throwIfAborted(signal);
    return (await cache?.match(url).catch(() => undefined))?.text();
  }
}
