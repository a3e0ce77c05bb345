// SPDX-License-Identifier: MIT
// Chromium and pages that remember what went wrong in them.
import { join } from 'node:path';
import {
  chromium,
  type Browser,
  type BrowserContextOptions,
  type Locator,
  type Page,
} from 'playwright-core';

/** The root of the clone, from build/js/tests/browser. */
export const root = join(import.meta.dirname, '../../../..');
export const site = join(root, 'build/site');

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export function launch(): Promise<Browser> {
  const { REGARD_CHROMIUM, CHROMIUM } = process.env;
  const executablePath = REGARD_CHROMIUM || CHROMIUM || '/usr/bin/chromium';
  return chromium.launch({ executablePath, args: FLAGS });
}

export interface Opened {
  page: Page;
  /** Errors of the console and exceptions that nobody caught. */
  errors: string[];
  /** The address of every request, the Worker's too. */
  requests: string[];
  close: () => Promise<void>;
}

export async function open(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<Opened> {
  const context = await browser.newContext({ locale: 'en-US', ...options });
  const page = await context.newPage();
  const errors: string[] = [];
  const requests: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') errors.push(message.text());
  });
  page.on('pageerror', (error) => errors.push(error.message));
  context.on('request', (request) => requests.push(request.url()));
  await page.goto(url);
  return { page, errors, requests, close: () => context.close() };
}

/** Waits until the model has arrived. */
export async function ready(page: Page): Promise<void> {
  await page.locator('.model[data-phase="ready"]').waitFor({ timeout: 60_000 });
}

export const translator = (page: Page): Locator => page.locator('regard-translate');
export const source = (page: Page): Locator => translator(page).getByRole('textbox');
export const answer = (page: Page): Locator => translator(page).locator('.answer');
export const translation = (page: Page): Locator => answer(page).locator('.text:not(.busy)');

/** Types `text` and waits for what the page answers to it: the time it took marks the new answer. */
export async function translate(page: Page, text: string): Promise<string> {
  await source(page).fill('');
  await answer(page).locator('.message').waitFor();
  await source(page).fill(text);
  await translator(page).locator('.took').waitFor();
  return (await translation(page).textContent()) ?? '';
}
