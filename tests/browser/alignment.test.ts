// SPDX-License-Identifier: MIT
// The picture of cross-attention opens with the heads that the model says align best.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { launch, ready, site, translate, translator } from './chromium.js';
import { serve, type Server } from './server.js';

let browser: Browser;
let server: Server;

before(async () => {
  browser = await launch();
  server = await serve(site);
});
after(async () => {
  await browser.close();
  await server.close();
});

/** The page, with these alignment heads in its model's config.json. */
async function opened(alignmentHeads: number[][] | undefined): Promise<Page> {
  const page = await browser.newPage({ locale: 'en-US' });
  const config = JSON.parse(readFileSync(join(site, 'models/en-zh/config.json'), 'utf8')) as object;
  // without sums, no file is refused for being another
  await page.context().route('**/manifest.json', (route) => route.fulfill({ json: {} }));
  await page
    .context()
    .route('**/en-zh/config.json', (route) =>
      route.fulfill({ json: { ...config, alignment_heads: alignmentHeads } }),
    );
  await page.goto(server.url);
  await ready(page);
  await translator(page).locator('.took').waitFor();
  return page;
}

const heading = async (page: Page) =>
  (await translator(page).locator('.chosen h2').textContent())?.trim();
const kind = (page: Page, name: string) => translator(page).getByRole('button', { name }).click();

test('one head is opened, until the reader has chosen', async () => {
  const page = await opened([[1, 2]]);
  assert.equal(await heading(page), 'layer 2 · head 3');
  await translate(page, 'The cat is sleeping.');
  assert.equal(await heading(page), 'layer 2 · head 3');

  // it says nothing of self-attention
  await kind(page, 'Within the source');
  assert.match((await heading(page)) ?? '', /^layer \d · mean of all heads$/);
  await kind(page, 'Translation → source');
  assert.equal(await heading(page), 'layer 2 · head 3');

  await translator(page).getByRole('radio', { name: 'layer 4 · head 1' }).click();
  await translate(page, 'I like tea.');
  assert.equal(await heading(page), 'layer 4 · head 1');
  await page.context().close();
});

test('all heads of a layer are opened as their mean', async () => {
  const page = await opened([
    [3, 1],
    [3, 0],
    [3, 2],
    [3, 3],
  ]);
  assert.equal(await heading(page), 'layer 4 · mean of all heads');
  await page.context().close();
});

test('a model that names none opens with the clearest layer', async () => {
  const page = await opened(undefined);
  const said = await heading(page);
  assert.match(said ?? '', /^layer \d · mean of all heads$/);
  await translate(page, 'Do you want to drink some tea?');
  assert.equal(await heading(page), said);
  await page.context().close();
});

test('heads that the model does not have are said to be wrong', async () => {
  const page = await browser.newPage({ locale: 'en-US' });
  await page.context().route('**/manifest.json', (route) => route.fulfill({ json: {} }));
  const config = JSON.parse(readFileSync(join(site, 'models/en-zh/config.json'), 'utf8')) as object;
  await page
    .context()
    .route('**/en-zh/config.json', (route) =>
      route.fulfill({ json: { ...config, alignment_heads: [[0, 99]] } }),
    );
  await page.goto(server.url);
  await page.locator('.model[data-phase="failed"]').waitFor();
  assert.match(
    (await page.locator('.model p').textContent()) ?? '',
    /config\.json: alignment_heads\[0\]\[1\] is 99, expected 0 to 3/,
  );
  await page.context().close();
});
