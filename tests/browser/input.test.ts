// SPDX-License-Identifier: MIT
// What people paste into a translator: always an answer or a sentence, and never a freeze.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser } from 'playwright-core';
import {
  answer,
  launch,
  open,
  ready,
  site,
  source,
  translate,
  translator,
  type Opened,
} from './chromium.js';
import { serve, type Server } from './server.js';

let browser: Browser;
let server: Server;
let opened: Opened;

before(async () => {
  browser = await launch();
  server = await serve(site);
  opened = await open(browser, server.url);
  await ready(opened.page);
});
after(async () => {
  await browser.close();
  await server.close();
});

const refused: [name: string, text: string, sentence: RegExp][] = [
  ['an empty line', '', /type an English sentence/],
  ['spaces', '   \n ', /type an English sentence/],
  ['5,000 characters', 'attention '.repeat(500), /5000 characters; this page takes up to 400/],
  ['Chinese', '我喜欢自然语言处理。', /reads English only/],
  ['only control characters', '\u0001\u0002\u0007', /type an English sentence/],
];
for (const [name, text, sentence] of refused) {
  test(`${name}: the page says its limit`, async () => {
    const { page } = opened;
    await translate(page, 'I am here.');
    await source(page).fill(text);
    assert.match((await answer(page).locator('.message').textContent()) ?? '', sentence);
    assert.equal(await answer(page).locator('.text').count(), 0);
  });
}

const answered: [name: string, text: string, remark: RegExp | undefined][] = [
  ['emoji', 'I love you 🎉👩‍👩‍👧!', /Not in the model’s vocabulary/],
  ['Chinese among English', 'I like 自然语言.', undefined],
  ['control characters', 'I\u0001 am\u0007 here.', /Control characters were left out/],
  ['full-width letters', 'Ｔｏｍ ｉｓ ｈｅｒｅ．', undefined],
  ['a right-to-left mark', 'I am \u202Ehere\u202C.', undefined],
  ['half a surrogate pair', 'I am \uD83D here.', undefined],
  ['markup', '<img src=x onerror=alert(1)> & "quotes"', undefined],
  ['400 characters', 'I am here. '.repeat(36), undefined],
];
for (const [name, text, remark] of answered) {
  test(`${name}: an answer`, async () => {
    const { page } = opened;
    const begin = Date.now();
    await translate(page, text);
    assert.ok(Date.now() - begin < 20_000, `it took ${Date.now() - begin} ms`);
    const shown = (await answer(page).textContent())?.trim() ?? '';
    assert.notEqual(shown, '');
    if (remark) assert.match(shown, remark);
    assert.equal(await page.locator('img').count(), 0);
  });
}

test('after all this it still translates', async () => {
  assert.match(await translate(opened.page, 'Tom chases Jerry.'), /汤姆/);
  assert.equal(await translator(opened.page).locator('.message').count(), 0);
  assert.deepEqual(opened.errors, []);
});
