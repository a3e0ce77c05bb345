// SPDX-License-Identifier: MIT
// Both directions: the model of the other one comes when it is chosen, with its own words and languages. A
// page that was built without it offers no choice.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import type { Browser, Locator, Page } from 'playwright-core';
import { answer, launch, open, ready, site, source, translate, translator } from './chromium.js';
import { serve, type Server } from './server.js';

const WEIGHTS = '/models/zh-en/model.safetensors';
const both = existsSync(join(site, 'models/zh-en'));
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
  server.requests.length = 0;
});

const choice = (page: Page, name: string): Locator =>
  page.getByRole('group', { name: 'Direction of translation' }).getByRole('button', { name });
const asked = (path: string) => server.requests.filter((one) => one === path).length;

/** The translation of the text that is in the field, when it has come. */
async function translated(page: Page): Promise<string> {
  await translator(page).locator('.took').waitFor();
  return (await answer(page).locator('.text').textContent()) ?? '';
}

test('the page offers the directions of the models that it was built with', async () => {
  const { page, errors, close } = await open(browser, server.url);
  await ready(page);
  const names = await page.locator('.direction button').allTextContents();
  const expected = both ? ['English → 中文', '中文 → English'] : [];
  assert.deepEqual(
    names.map((name) => name.trim()),
    expected,
  );
  assert.equal(asked(WEIGHTS), 0);
  assert.deepEqual(errors, []);
  await close();
});

/** A test of the choice, where there is one. */
function testChoice(name: string, body: () => Promise<void>): void {
  if (both) test(name, body);
}

testChoice('the other direction has its own model, words and languages', async () => {
  const { page, errors, close } = await open(browser, server.url);
  await ready(page);
  await choice(page, '中文 → English').focus();
  await page.keyboard.press('Enter');
  assert.equal(await choice(page, '中文 → English').getAttribute('aria-pressed'), 'true');
  await ready(page);
  assert.match(await translated(page), /Tom.*Jerry/);
  assert.equal(asked(WEIGHTS), 1);

  assert.equal(await source(page).inputValue(), '汤姆追杰瑞。');
  assert.equal(await source(page).getAttribute('lang'), 'zh-CN');
  assert.match((await source(page).getAttribute('placeholder')) ?? '', /Chinese.*traditional/);
  assert.equal(await answer(page).locator('.text').getAttribute('lang'), 'en');
  assert.deepEqual(await translator(page).locator('.sentences .name').allTextContents(), [
    'Chinese',
    'English',
  ]);
  assert.match(await page.title(), /Chinese to English$/);
  assert.match((await page.locator('.lead').first().textContent()) ?? '', /^Type a Chinese/);
  const note = translator(page).locator('regard-picture .note').first();
  assert.match((await note.textContent()) ?? '', /writes one English piece; .* the Chinese/);

  await page.getByRole('tab', { name: 'Self-attention' }).click();
  const explorer = page.locator('regard-self-attention');
  await explorer.locator('regard-arcs').getByText('汤姆').first().waitFor();
  assert.equal(await explorer.getByRole('textbox').getAttribute('lang'), 'zh-CN');
  assert.deepEqual(errors, []);
  await close();
});

testChoice('each direction keeps its text, and its model comes but once', async () => {
  const { page, close } = await open(browser, server.url);
  await ready(page);
  await translate(page, 'I like tea.');
  await choice(page, '中文 → English').click();
  await ready(page);
  await translate(page, '我喜欢猫。');

  await choice(page, 'English → 中文').click();
  await ready(page);
  assert.equal(await source(page).inputValue(), 'I like tea.');
  assert.match(await translated(page), /茶/);
  await choice(page, '中文 → English').click();
  await ready(page);
  assert.equal(await source(page).inputValue(), '我喜欢猫。');
  assert.match(await translated(page), /cat/);
  assert.match((await page.locator('.model p').textContent()) ?? '', /kept from an earlier visit/);
  assert.deepEqual([asked(WEIGHTS), asked('/models/en-zh/model.safetensors')], [1, 1]);
  await close();
});

testChoice('the choice outlives the visit', async () => {
  const { page, close } = await open(browser, server.url);
  await choice(page, '中文 → English').click();
  await ready(page);
  server.requests.length = 0;
  await page.reload();
  await ready(page);
  assert.match(await translated(page), /Tom.*Jerry/);
  assert.equal(server.requests.filter((path) => path.startsWith('/models/en-zh')).length, 0);
  await close();
});

testChoice('the other model can be cancelled, and nothing recorded stands for it', async () => {
  let release = () => {};
  const held = new Promise<void>((resolve) => (release = resolve));
  server.trouble = (path) => (path === WEIGHTS ? held : undefined);
  const { page, close } = await open(browser, server.url);
  await ready(page);
  await choice(page, '中文 → English').click();
  await page.getByText(/Downloading the model: [1-9][\d.]* of [\d.]+ MB/).waitFor();
  assert.match((await answer(page).textContent()) ?? '', /as soon as the model is here/);
  assert.equal(await translator(page).locator('regard-picture').isVisible(), false);
  await page.getByRole('button', { name: 'Cancel' }).click();
  await page.locator('.model[data-phase="cancelled"]').waitFor();
  const said = (await page.locator('.model p').textContent())?.trim();
  assert.equal(said, 'The download was stopped.');

  server.trouble = () => undefined;
  await page.getByRole('button', { name: 'Download the model' }).click();
  await ready(page);
  assert.match(await translated(page), /Tom.*Jerry/);
  release();
  await close();
});

testChoice('who turns back while the other model is on its way has the first again', async () => {
  let release = () => {};
  const held = new Promise<void>((resolve) => (release = resolve));
  server.trouble = (path) => (path === WEIGHTS ? held : undefined);
  const { page, errors, close } = await open(browser, server.url);
  await ready(page);
  await choice(page, '中文 → English').click();
  await page.getByText(/Downloading the model: [1-9]/).waitFor();
  await choice(page, 'English → 中文').click();
  await ready(page);
  release();
  assert.match(await translate(page, 'Tom chases Jerry.'), /汤姆/);
  assert.equal(await page.locator('.model').getAttribute('data-phase'), 'ready');
  assert.deepEqual(errors, []);
  await close();
});

testChoice(
  'traditional characters are read as simplified ones, and English is refused',
  async () => {
    const { page, close } = await open(browser, server.url);
    await choice(page, '中文 → English').click();
    await ready(page);
    const simplified = await translate(page, '你喜欢猫吗？');
    assert.doesNotMatch((await answer(page).textContent()) ?? '', /simplified/);
    assert.equal(await translate(page, '你喜歡貓嗎？'), simplified);
    assert.match((await answer(page).textContent()) ?? '', /Traditional characters were read as/);
    await source(page).fill('Tom chases Jerry.');
    const message = answer(page).locator('.message');
    assert.match((await message.textContent()) ?? '', /reads Chinese only\. Type a Chinese/);
    await close();
  },
);
