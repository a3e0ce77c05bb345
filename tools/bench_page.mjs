// SPDX-License-Identifier: MIT
// Types short sentences into the built site in Chromium and prints how long each key takes to become a
// picture, and the longest task of the main thread: node tools/bench_page.mjs [path of Chromium]
import { chromium } from 'playwright-core';
import { main, say } from './log.mjs';
import { site } from './paths.mjs';
import { which } from './run.mjs';
import { serve } from './serve.mjs';

const SENTENCES = ['Tom chases Jerry.', 'I like to drink tea.', 'Where is the train station?'];
/** Slow enough for each key to get a picture of its own. */
const BETWEEN_KEYS_MS = 300;

await main(async () => {
  const { server, url } = await serve(site, 0);
  const executablePath = process.argv[2] ?? which('chromium') ?? which('google-chrome');
  const browser = await chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-gpu'],
  });
  const page = await browser.newPage();
  await page.goto(url);
  await page.locator('.model[data-phase="ready"]').waitFor({ timeout: 120_000 });
  await page.evaluate(watch);

  const input = page.locator('regard-translate').getByRole('textbox');
  const times = [];
  for (const sentence of SENTENCES) {
    await input.fill('');
    await input.pressSequentially(sentence, { delay: BETWEEN_KEYS_MS });
    await page.waitForTimeout(500);
    const took = await page.locator('regard-translate .took').textContent();
    times.push(`${sentence} ${took.trim()}`);
  }

  const { latencies, tasks } = await page.evaluate(() => globalThis.watched);
  const sorted = latencies.sort((a, b) => a - b);
  const quantile = (q) =>
    sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))]?.toFixed(0);
  say(`whole sentences, beam 4 with attention: ${times.join(' · ')}`);
  say(
    `key to picture, ms (${sorted.length} pictures): median ${quantile(0.5)}, p95 ${quantile(0.95)}, most ${quantile(1)}`,
  );
  say(
    `tasks over 50 ms on the main thread while typing: ${tasks.length ? tasks.map((ms) => ms.toFixed(0)).join(', ') : 'none'}`,
  );
  await browser.close();
  server.close();
});

// In the page: from a key to the frame after the heat map's update. Long tasks are reported from 50 ms on.
function watch() {
  const watched = { latencies: [], tasks: [] };
  let pressed;
  addEventListener('keydown', (event) => (pressed ??= event.timeStamp), true);
  const { prototype } = customElements.get('regard-heatmap');
  const { updated } = prototype;
  prototype.updated = function (changed) {
    updated.call(this, changed);
    if (!changed.has('attention') || pressed === undefined) return;
    const begin = pressed;
    pressed = undefined;
    requestAnimationFrame(() =>
      setTimeout(() => watched.latencies.push(performance.now() - begin)),
    );
  };
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) watched.tasks.push(duration);
  }).observe({ type: 'longtask' });
  globalThis.watched = watched;
}
