// SPDX-License-Identifier: MIT
// What all elements look like. A page sets the --regard-… properties; the fallbacks stand alone.
import { css } from 'lit';

export const shared = css`
  :host {
    --ink: var(--regard-ink, light-dark(#1b2430, #e8edf2));
    --soft: var(--regard-soft, light-dark(#55606e, #a3afbd));
    --line: var(--regard-line, light-dark(#dde1e4, #2c3743));
    --surface: var(--regard-surface, light-dark(#ffffff, #161d26));
    --sunken: var(--regard-sunken, light-dark(#f4f6f5, #10161d));
    --accent: var(--regard-accent, light-dark(#0868ac, #7bccc4));
    --on-accent: var(--regard-on-accent, light-dark(#ffffff, #0d1820));
    --radius: var(--regard-radius, 10px);
    --mono: var(--regard-mono, ui-monospace, 'SF Mono', Menlo, Consolas, monospace);
    display: block;
    color: var(--ink);
    font: inherit;
    line-height: 1.5;
  }
  :host([hidden]) {
    display: none;
  }
  *,
  *::before,
  *::after {
    box-sizing: border-box;
  }
  h2,
  h3,
  p,
  figure {
    margin: 0;
  }
  button,
  select,
  textarea {
    font: inherit;
    color: inherit;
  }
  :focus-visible {
    outline: 2px solid var(--accent);
    outline-offset: 2px;
  }
  @media (forced-colors: active) {
    [aria-pressed='true'],
    [aria-checked='true'],
    [aria-selected='true'] {
      outline: 2px solid Highlight;
    }
  }
  @media (prefers-reduced-motion: reduce) {
    * {
      transition: none !important;
    }
  }
  .note {
    color: var(--soft);
    font-size: 0.875rem;
  }
  .mark {
    color: var(--soft);
    fill: var(--soft);
  }
  .hidden {
    position: absolute;
    width: 1px;
    height: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
`;
