// SPDX-License-Identifier: MIT
// Records the translation that the page shows until its model has arrived: the shipped model on the first
// example, in Node. Run it again when web/models/en-zh changes: node tools/record_sample.mjs
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { main, say } from './log.mjs';
import { packageFolder, root } from './paths.mjs';

const TEXT = 'Tom chases Jerry.';
const file = join(root, 'web/site/sample.json');

await main(async () => {
  const { load } = await import(pathToFileURL(join(packageFolder, 'index.node.js')).href);
  const regard = await load({ build: 'simd' });
  const translator = await regard.translator('en-zh');
  const { text, score, source, target, attention } = await translator.translate(TEXT, {
    attention: true,
  });
  const sample = {
    text,
    score,
    source,
    target,
    attention: {
      encoder: rounded(attention.encoder),
      cross: rounded(attention.cross),
      decoder: rounded(attention.decoder),
    },
    alignmentHeads: translator.alignmentHeads,
  };
  regard.dispose();
  writeFileSync(file, `${JSON.stringify(sample)}\n`);
  say(`${TEXT} → ${text}, ${readFileSync(file).length} bytes`);
});

function rounded({ shape, data }) {
  return { shape, thousandths: Array.from(data, (weight) => Math.round(1000 * weight)) };
}
