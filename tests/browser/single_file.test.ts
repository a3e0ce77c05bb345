// SPDX-License-Identifier: MIT
// The single HTML file, opened from disk as by a double click.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { launch, open, ready, root, translate } from './chromium.js';

test('the single file translates from disk and asks for nothing else', async () => {
  const browser = await launch();
  const url = pathToFileURL(join(root, 'build/regard.html')).href;
  const { page, errors, requests } = await open(browser, url, { offline: true });
  await ready(page);
  assert.match(await translate(page, 'Tom chases Jerry.'), /汤姆/);
  const others = requests.filter((address) => address !== url && !/^(blob|data):/.test(address));
  assert.deepEqual(others, []);
  assert.deepEqual(errors, []);
  await browser.close();
});
