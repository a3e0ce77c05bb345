// SPDX-License-Identifier: MIT
// A tick as it is drawn, and as it is read out.
import { html, svg, type TemplateResult } from 'lit';
import type { Messages } from './messages.js';
import type { Tick } from './axis.js';

const WORD_MARK = '▁';

/** The name in words: the marks are spoken, the word mark is not. */
export function spoken(tick: Tick, words: Messages): string {
  if (tick.kind === 'start') return words.start;
  if (tick.kind === 'end') return words.end;
  return tick.text.replaceAll(WORD_MARK, '') || '␣';
}

/** The name for an SVG text, its word mark faint. */
export function drawn(tick: Tick): TemplateResult {
  const [mark, name] = split(tick);
  return svg`${mark ? svg`<tspan class="mark">${mark}</tspan>` : ''}${name}`;
}

/** The name as HTML text in its own language. */
export function written(tick: Tick): TemplateResult {
  const [mark, name] = split(tick);
  const content = html`${mark ? html`<span class="mark" aria-hidden="true">${mark}</span>` : ''}${name}`;
  return tick.lang
    ? html`<span lang=${tick.lang}>${content}</span>`
    : html`<span>${content}</span>`;
}

function split({ text }: Tick): [mark: string, name: string] {
  return text.startsWith(WORD_MARK) && text.length > 1 ? [WORD_MARK, text.slice(1)] : ['', text];
}
