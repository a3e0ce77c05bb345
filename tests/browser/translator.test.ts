// SPDX-License-Identifier: MIT
// A person types, reads, and moves through the pictures by keyboard.
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import type { Browser } from 'playwright-core';
import {
  answer,
  launch,
  open,
  ready,
  site,
  source,
  translate,
  translation,
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
});
after(async () => {
  await browser.close();
  await server.close();
});
beforeEach(async () => {
  opened = await open(browser, server.url);
  await ready(opened.page);
});
afterEach(async () => {
  assert.deepEqual(opened.errors, []);
  await opened.close();
});

test('Tom chases Jerry comes out with Tom, Jerry and the chase', async () => {
  const text = await translate(opened.page, 'Tom chases Jerry.');
  for (const part of ['汤姆', '杰瑞', '追'])
    assert.ok(text.includes(part), `${text} has no ${part}`);
});

test('the translation follows what is typed, key by key', async () => {
  const { page } = opened;
  await source(page).fill('');
  await source(page).pressSequentially('I am a student', { delay: 40 });
  await translator(page).locator('.took').waitFor();
  const slow = await answer(page).locator('.text').textContent();
  assert.equal(slow, await translate(page, 'I am a student'));
});

test('more beams give more candidates', async () => {
  const { page } = opened;
  await translate(page, 'I love you.');
  await translator(page).locator('.candidates summary').click();
  assert.equal(await translator(page).locator('.candidates li').count(), 3);
  await translator(page).getByLabel('Beams').selectOption('1');
  await translator(page).locator('.took').waitFor();
  assert.equal(await translator(page).locator('.candidates li').count(), 0);
});

test('arrow keys move through layers and heads', async () => {
  const { page } = opened;
  const heading = async () => (await translator(page).locator('.chosen h2').textContent())?.trim();
  await translator(page).getByRole('radio').first().click();
  assert.equal(await heading(), 'layer 1 · mean of all heads');
  await page.keyboard.press('ArrowRight');
  assert.equal(await heading(), 'layer 1 · head 1');
  await page.keyboard.press('ArrowDown');
  assert.equal(await heading(), 'layer 2 · head 1');
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('ArrowUp');
  assert.equal(await heading(), 'layer 1 · mean of all heads');
  // focus went along, and Tab leaves the pictures
  const name = await translator(page).locator('regard-heads :focus').getAttribute('aria-checked');
  assert.equal(name, 'true');
  await page.keyboard.press('Tab');
  assert.equal(await translator(page).locator('regard-heads :focus').count(), 0);
});

test('a layer that is switched off changes the translation, and comes back', async () => {
  const { page } = opened;
  const text = await translate(page, 'The dog did not eat because it was tired.');
  const part = translator(page);
  await part.getByRole('radio', { name: 'layer 4 · mean of all heads' }).click();
  await part.getByRole('button', { name: 'Switch all heads of layer 4 off' }).click();
  const note = answer(page).locator('.unchanged');
  await note.waitFor();
  await part.locator('.took').waitFor();
  assert.equal(await note.textContent(), `With all on: ${text}`);
  assert.notEqual(await translation(page).textContent(), text);
  const off = part.getByRole('radio', { name: 'layer 4 · head 1 · off' });
  assert.equal(await off.count(), 1);

  await part.getByRole('button', { name: 'All on again' }).click();
  await note.waitFor({ state: 'detached' });
  await part.locator('.took').waitFor();
  assert.equal(await translation(page).textContent(), text);
});

test('every cell that the arrow keys reach reads as the table has it', async () => {
  const { page } = opened;
  await translate(page, 'Tom chases Jerry.');
  const heatmap = translator(page).locator('regard-heatmap');
  await heatmap.locator('summary').click();
  const table = await heatmap
    .locator('tbody tr')
    .evaluateAll((rows) =>
      rows.map((row) => [...row.querySelectorAll('td')].map((cell) => cell.textContent ?? '')),
    );
  const cell = heatmap.getByRole('gridcell');
  await cell.focus();
  await page.keyboard.press('Control+Home');
  const read: string[][] = [];
  for (const [i, row] of table.entries()) {
    read.push([]);
    for (const j of row.keys()) {
      const spoken = (await cell.getAttribute('aria-label')) ?? '';
      assert.equal(
        await heatmap
          .locator('.readout')
          .textContent()
          .then((text) => text?.trim()),
        spoken,
      );
      assert.equal(await cell.getAttribute('aria-colindex'), String(j + 1));
      read[i]?.push(/: ([\d.]+)$/.exec(spoken)?.[1] ?? spoken);
      await page.keyboard.press('ArrowRight');
    }
    await page.keyboard.press('Home');
    await page.keyboard.press('ArrowDown');
  }
  assert.deepEqual(read, table);
  for (const row of table) {
    // three digits after the point: each of n cells is off by at most 0.0005
    const sum = row.reduce((total, weight) => total + Number(weight), 0);
    assert.ok(Math.abs(sum - 1) <= 0.0005 * row.length + 1e-6, `a row sums to ${sum}`);
  }
});

test('pointing at a cell reads it', async () => {
  const { page } = opened;
  const heatmap = translator(page).locator('regard-heatmap');
  const before = await heatmap.locator('.readout').textContent();
  await heatmap.scrollIntoViewIfNeeded();
  const box = await heatmap.locator('canvas').boundingBox();
  assert.ok(box);
  await page.mouse.move(box.x + box.width - 5, box.y + box.height - 5);
  const after = await heatmap.locator('.readout').textContent();
  assert.notEqual(after, before);
  assert.match(after ?? '', /end mark/);
});

test('pieces sum to words', async () => {
  const { page } = opened;
  await translate(page, 'Tom chases Jerry.');
  const heatmap = translator(page).locator('regard-heatmap');
  const grid = heatmap.getByRole('grid');
  const pieces = Number(await grid.getAttribute('aria-rowcount'));
  await translator(page).getByRole('button', { name: 'Words' }).click();
  const words = Number(await grid.getAttribute('aria-rowcount'));
  assert.ok(words < pieces, `${words} words of ${pieces} pieces`);
  await heatmap.locator('summary').click();
  const rows = await heatmap
    .locator('tbody tr')
    .evaluateAll((all) =>
      all.map((row) =>
        [...row.querySelectorAll('td')].reduce(
          (sum, { textContent }) => sum + Number(textContent),
          0,
        ),
      ),
    );
  for (const sum of rows) assert.ok(Math.abs(sum - 1) < 0.01, `a row sums to ${sum}`);
});

test('self-attention is seen as arcs, word by word', async () => {
  const { page } = opened;
  await page.getByRole('tab', { name: 'Self-attention' }).click();
  const explorer = page.locator('regard-self-attention');
  await explorer.getByRole('textbox').fill('The cat sleeps.');
  const arcs = explorer.locator('regard-arcs');
  await arcs.getByRole('button', { name: 'sleeps' }).waitFor();
  await arcs.getByRole('button').first().focus();
  assert.match((await arcs.locator('.readout').textContent()) ?? '', /^The looks at .+ \d\.\d{3}/);
  await page.keyboard.press('ArrowRight');
  assert.match((await arcs.locator('.readout').textContent()) ?? '', /^cat looks at/);
  await explorer.getByRole('button', { name: 'Heat map' }).click();
  await explorer.locator('regard-heatmap canvas').waitFor();
});

test('the other language keeps the work', async () => {
  const { page } = opened;
  const text = await translate(page, 'The cat is on the table.');
  await translator(page).getByRole('radio').nth(1).click();
  const drawn = () =>
    translator(page)
      .locator('regard-heatmap canvas')
      .evaluate((canvas: HTMLCanvasElement) => canvas.toDataURL());
  const picture = await drawn();
  await page.getByRole('button', { name: '中文', exact: true }).click();
  assert.equal(await page.locator('html').getAttribute('lang'), 'zh-CN');
  assert.equal(await source(page).inputValue(), 'The cat is on the table.');
  assert.equal(await answer(page).locator('.text').textContent(), text);
  assert.match(
    (await translator(page).locator('.chosen h2').textContent()) ?? '',
    /第 1 层 · 第 1 头/,
  );
  assert.equal(await drawn(), picture);
  assert.equal(await source(page).getAttribute('lang'), 'en');
  assert.equal(await answer(page).locator('.text').getAttribute('lang'), 'zh-CN');

  await page.reload();
  assert.equal(await page.locator('html').getAttribute('lang'), 'zh-CN');
});
