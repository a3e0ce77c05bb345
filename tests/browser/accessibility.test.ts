// SPDX-License-Identifier: MIT
// axe finds nothing: in both languages, light and dark, wide and at 360 pixels, on both tabs.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { AxeResults } from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { launch, open, ready, root, site } from './chromium.js';
import { serve, type Server } from './server.js';

const axe = readFileSync(join(root, 'node_modules/axe-core/axe.min.js'), 'utf8');
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

for (const locale of ['en-US', 'zh-CN']) {
  for (const colorScheme of ['light', 'dark'] as const) {
    for (const width of [360, 1280]) {
      test(`axe finds nothing: ${locale}, ${colorScheme}, ${width} px`, async () => {
        const viewport = { width, height: 800 };
        const options = { locale, colorScheme, viewport, bypassCSP: true };
        const { page, close } = await open(browser, server.url, options);
        await ready(page);
        assert.equal(
          await page.locator('html').getAttribute('lang'),
          locale === 'zh-CN' ? 'zh-CN' : 'en',
        );

        await page.locator('regard-translate regard-heatmap summary').click();
        await page.locator('regard-translate .candidates summary').click();
        assert.deepEqual(await violations(page), []);
        assert.ok(await fits(page), 'the page scrolls sideways');

        await page.getByRole('tab').nth(1).click();
        await page.locator('regard-self-attention regard-arcs button').first().focus();
        assert.deepEqual(await violations(page), []);
        assert.ok(await fits(page), 'the page scrolls sideways');
        await close();
      });
    }
  }
}

async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  const results = await page.evaluate(() =>
    (globalThis as unknown as { axe: { run(): Promise<AxeResults> } }).axe.run(),
  );
  assert.ok(results.passes.length > 20, `only ${results.passes.length} rules applied`);
  return results.violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${target.join(' ')}: ${failureSummary}`),
  );
}

function fits(page: Page): Promise<boolean> {
  return page.evaluate(() => document.documentElement.scrollWidth <= innerWidth);
}
