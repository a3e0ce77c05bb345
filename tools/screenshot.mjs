// SPDX-License-Identifier: MIT
// Takes the README's picture of the built site: node tools/screenshot.mjs [path of Chromium]
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { main, say } from './log.mjs';
import { root, site } from './paths.mjs';
import { which } from './run.mjs';
import { serve } from './serve.mjs';

const file = join(root, 'web/site/public/screenshot.png');

await main(async () => {
  const { server, url } = await serve(site, 0);
  const executablePath = process.argv[2] ?? which('chromium') ?? which('google-chrome');
  const browser = await chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-gpu'],
  });
  const viewport = { width: 1180, height: 1010 };
  const page = await browser.newPage({ viewport, locale: 'en-US', colorScheme: 'light' });
  await page.goto(url);
  await page.locator('.model[data-phase="ready"]').waitFor({ timeout: 120_000 });
  await page.locator('regard-translate .took').waitFor();
  await page.screenshot({ path: file });
  await browser.close();
  server.close();
  say(`${file}, ${statSync(file).size} bytes`);
});
