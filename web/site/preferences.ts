// SPDX-License-Identifier: MIT
// What the reader prefers, kept between visits where the browser allows it.
import type { Language } from '../elements/messages.js';

export type Theme = 'auto' | 'light' | 'dark';

/** The language chosen before, else the browser's. */
export function preferredLanguage(): Language {
  const kept = recall('regard-language');
  if (kept === 'zh' || kept === 'en') return kept;
  return navigator.language.toLowerCase().startsWith('zh') ? 'zh' : 'en';
}

export function preferredTheme(): Theme {
  const kept = recall('regard-theme');
  return kept === 'light' || kept === 'dark' ? kept : 'auto';
}

/** The name of the model that was chosen before, whether or not it is still there. */
export function preferredModel(): string | null {
  return recall('regard-model');
}

export function keepModel(name: string): void {
  keep('regard-model', name);
}

/** Writes the language into the page, where elements and screen readers find it. */
export function applyLanguage(language: Language): void {
  document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en';
  keep('regard-language', language);
}

export function applyTheme(theme: Theme): void {
  if (theme === 'auto') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = theme;
  keep('regard-theme', theme);
}

/** Whether the reader has asked for few bytes. */
export function savesData(): boolean {
  const { connection } = navigator as { connection?: { saveData?: boolean } };
  return connection?.saveData === true;
}

// Private windows and foreign frames may have no storage at all.
function recall(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

function keep(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    // the choice then lasts as long as the page
  }
}
