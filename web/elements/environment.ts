// SPDX-License-Identifier: MIT
// What an element takes from the page around it: the language, and whether the page is dark.
import type { ReactiveController, ReactiveElement } from 'lit';
import type { Language } from './messages.js';

const hosts = new Set<ReactiveElement>();
const update = () => hosts.forEach((host) => host.requestUpdate());
let watching = false;

/** Renders its host anew when the page's language or colours change. */
export class Environment implements ReactiveController {
  private readonly host: ReactiveElement;

  constructor(host: ReactiveElement) {
    this.host = host;
    host.addController(this);
  }

  hostConnected(): void {
    hosts.add(this.host);
    watch();
  }

  hostDisconnected(): void {
    hosts.delete(this.host);
  }

  /** Chinese where the nearest `lang` says so, else English. */
  get language(): Language {
    return nearestLang(this.host).toLowerCase().startsWith('zh') ? 'zh' : 'en';
  }

  get dark(): boolean {
    const scheme = getComputedStyle(this.host).colorScheme;
    if (scheme.includes('dark') && scheme.includes('light')) {
      return matchMedia('(prefers-color-scheme: dark)').matches;
    }
    return scheme.includes('dark');
  }
}

function watch(): void {
  if (watching) return;
  watching = true;
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
