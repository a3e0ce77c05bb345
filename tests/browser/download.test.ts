// SPDX-License-Identifier: MIT
// The model on its way: bytes, cancelling, a cut connection; and that nothing else is asked for.
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { answer, launch, open, ready, site, translate } from './chromium.js';
import { serve, type Server } from './server.js';

const WEIGHTS = '/models/en-zh/model.safetensors';
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
beforeEach(() => {
  server.trouble = () => undefined;
});

const phase = (page: Page, name: string) =>
  page.locator(`.model[data-phase="${name}"]`).waitFor({ timeout: 60_000 });
const sentence = async (page: Page) => (await page.locator('.model p').textContent()) ?? '';

test('a recorded translation is seen, and named so, before the model is there', async () => {
  let release = () => {};
  const held = new Promise<void>((resolve) => (release = resolve));
  server.trouble = (path) => (path === WEIGHTS ? held : undefined);
  const { page, errors, close } = await open(browser, server.url);
  assert.match((await answer(page).textContent()) ?? '', /汤姆.*Recorded with this model/s);
  assert.ok(await page.locator('regard-translate regard-heatmap canvas').isVisible());
  release();
  await ready(page);
  await page.locator('regard-translate .took').waitFor();
  assert.doesNotMatch((await answer(page).textContent()) ?? '', /Recorded/);
  assert.deepEqual(errors, []);
  await close();
});

test('the download shows its bytes, can be cancelled and taken up again', async () => {
  let release = () => {};
  const held = new Promise<void>((resolve) => (release = resolve));
  server.trouble = (path) => (path === WEIGHTS ? held : undefined);
  const { page, close } = await open(browser, server.url);
  await page.getByText(/Downloading the model: [1-9][\d.]* of [\d.]+ MB/).waitFor();
  const begin = Date.now();
  await page.getByRole('button', { name: 'Cancel' }).click();
  await phase(page, 'cancelled');
  assert.ok(Date.now() - begin < 2000);
  assert.match((await answer(page).textContent()) ?? '', /汤姆/);

  server.trouble = () => undefined;
  await page.getByRole('button', { name: 'Download the model' }).click();
  await ready(page);
  assert.match(await translate(page, 'Tom chases Jerry.'), /汤姆/);
  release();
  await close();
});

test('a download that is cut off half way is said, and can be tried again', async () => {
  server.trouble = (path) => (path === WEIGHTS ? 'cut' : undefined);
  const { page, close } = await open(browser, server.url);
  await phase(page, 'failed');
  assert.match(await sentence(page), /The model did not arrive: .*model\.safetensors/);
  server.trouble = () => undefined;
  await page.getByRole('button', { name: 'Try again' }).click();
  await ready(page);
  assert.match(await translate(page, 'Tom chases Jerry.'), /汤姆/);
  await close();
});

test('no request leaves the origin, and no file is missing', async () => {
  const { page, errors, requests, close } = await open(browser, server.url);
  await ready(page);
  await translate(page, 'My name is a secret.');
  assert.ok(requests.length > 5);
  const outside = requests.filter((url) => !url.startsWith(server.url) && !url.startsWith('data:'));
  assert.deepEqual(outside, []);
  assert.ok(!requests.some((url) => url.includes('secret')));
  assert.deepEqual(errors, []);
  await close();
});

test('the site works under a path', async () => {
  const below = await serve(site, '/some/where/');
  const { page, errors, close } = await open(browser, below.url);
  await ready(page);
  assert.match(await translate(page, 'Tom chases Jerry.'), /汤姆/);
  assert.deepEqual(errors, []);
  assert.ok(
    below.requests.every((path) => path.startsWith('/some/where/') || path === '/favicon.ico'),
  );
  await close();
  await below.close();
});
