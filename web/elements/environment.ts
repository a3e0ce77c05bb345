// SPDX-License-Identifier: MIT
// What an element takes from the page around it: the language, and whether the page is dark.
import type { ReactiveController, ReactiveElement } from 'lit';
import type { Language } from './messages.js';

const environments = new Set<Environment>();
let watching = false;

/** Renders its host anew when the page's language or colours change. */
export class Environment implements ReactiveController {
  private readonly host: ReactiveElement;
  // asking the page for it costs a calculation of styles
  private knownDark: boolean | undefined;

  constructor(host: ReactiveElement) {
    this.host = host;
    host.addController(this);
  }

  hostConnected(): void {
    this.knownDark = undefined;
    environments.add(this);
    watch();
  }

  hostDisconnected(): void {
    environments.delete(this);
  }

  /** Chinese where the nearest `lang` says so, else English. */
  get language(): Language {
    return nearestLang(this.host).toLowerCase().startsWith('zh') ? 'zh' : 'en';
  }

  get dark(): boolean {
    this.knownDark ??= isDark(this.host);
    return this.knownDark;
  }

  changed(): void {
    this.knownDark = undefined;
    this.host.requestUpdate();
  }
}

function isDark(element: Element): boolean {
  const scheme = getComputedStyle(element).colorScheme;
  if (scheme.includes('dark') && scheme.includes('light')) {
    return matchMedia('(prefers-color-scheme: dark)').matches;
  }
  return scheme.includes('dark');
}

function watch(): void {
  if (watching) return;
  watching = true;
  const update = () => environments.forEach((environment) => environment.changed());
  const attributeFilter = ['lang', 'class', 'style', 'data-theme'];
  new MutationObserver(update).observe(document.documentElement, { attributeFilter });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', update);
}

function nearestLang(element: Element): string {
  for (let here: Element | undefined = element; here;) {
    const named: Element | null = here.closest('[lang]');
    if (named) return named.getAttribute('lang') ?? '';
    const root = here.getRootNode();
    here = root instanceof ShadowRoot ? root.host : undefined;
  }
  return '';
}
