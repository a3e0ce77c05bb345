// SPDX-License-Identifier: MIT
// Writes the whole site as one HTML file that opens by double click: page, engine, Worker and model inside.
// A page opened from disk may fetch nothing, so the files are base64 in script elements, gzipped first.
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { main } from './log.mjs';
import { packageFolder, root, singleFile } from './paths.mjs';

// Divisible by three, so that no part but the last is padded; small enough to decode between two frames.
const part = 3 << 18;
const site = join(root, 'web/site');
// The one that engine.single.ts names.
const model = 'models/en-zh';
const modelFiles = /(\.json|^model\.safetensors|\.spm)$/;

await main(async () => {
  const page = await bundle(join(site, 'main.ts'), 'esm', { './engine.js': 'engine.single.ts' });
  const worker = await bundle(join(packageFolder, 'worker.js'), 'iife');
  const embedded = [
    ...embed('worker.js', Buffer.from(worker)),
    ...embed('regard.wasm', readFileSync(join(packageFolder, 'regard-simd.wasm'))),
    ...readdirSync(join(root, 'web', model))
      .filter((name) => modelFiles.test(name))
      .flatMap((name) => embed(`${model}/${name}`, readFileSync(join(root, 'web', model, name)))),
  ];
  writeFileSync(singleFile, html(page, embedded));
});

/** One script out of `entry` and all that it imports; `replaced` names files of the site by import. */
async function bundle(entry, format, replaced = {}) {
  const redirect = {
    name: 'redirect',
    setup({ onResolve }) {
      onResolve({ filter: /^regard$/ }, () => ({ path: join(packageFolder, 'index.js') }));
      onResolve({ filter: /^\.\// }, ({ path, importer }) =>
        path in replaced && importer.startsWith(site)
          ? { path: join(site, replaced[path]) }
          : undefined,
      );
    },
  };
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    format,
    minify: true,
    target: 'es2022',
    charset: 'utf8',
    logLevel: 'error',
    plugins: [redirect],
    // a script without a file has no address of its own
    define: { 'import.meta.url': 'self.location.href' },
  });
  return outputFiles[0].text;
}

function embed(name, bytes) {
  const packed = gzipSync(bytes, { level: 9 });
  const parts = [];
  for (let begin = 0; begin < packed.length; begin += part) {
    const text = packed.subarray(begin, begin + part).toString('base64');
    parts.push(`<script type="text/plain" data-file="${name}">${text}</script>`);
  }
  return parts;
}

// The page as in index.html: styles and script inside, and no policy, for all that it uses is in the file.
function html(script, embedded) {
  const icon = readFileSync(join(site, 'public/icon.svg')).toString('base64');
  const styles = readFileSync(join(site, 'tokens.css'), 'utf8');
  const safe = script.replaceAll('</script', '\\x3C/script').replaceAll('<!--', '\\x3C!--');
  const page = readFileSync(join(site, 'index.html'), 'utf8');
  const replacements = [
    [/\s*<meta\s+http-equiv="Content-Security-Policy"[^>]*>/, ''],
    [/<link rel="icon"[^>]*>/, `<link rel="icon" href="data:image/svg+xml;base64,${icon}" />`],
    [/<link rel="stylesheet"[^>]*>/, `<style>${styles}</style>`],
    [/\s*<script type="module"[^>]*><\/script>/, ''],
    [/<\/body>/, `${embedded.join('\n')}\n<script type="module">${safe}</script>\n</body>`],
  ];
  return replacements.reduce((text, [pattern, replacement]) => {
    if (!pattern.test(text)) throw new Error(`index.html has nothing like ${pattern}`);
    return text.replace(pattern, () => replacement);
  }, page);
}
