// SPDX-License-Identifier: MIT
import { css } from 'lit';

export const siteStyles = css`
  :host {
    --edge: clamp(1rem, 4vw, 2.5rem);
    max-width: 76rem;
    margin-inline: auto;
    padding-inline: var(--edge);
    font-family: var(--sans);
  }
  header {
    display: flex;
    align-items: center;
    gap: 0.5rem;
    padding-block: 1rem;
  }
  .brand {
    display: inline-flex;
    align-items: center;
    gap: 0.5rem;
    margin-right: auto;
    font-weight: 700;
    letter-spacing: -0.01em;
  }
  .brand i {
    width: 1.25rem;
    height: 1.25rem;
    border-radius: 4px;
    background:
      linear-gradient(#7bccc4 0 0) 0 0 / 33.4% 33.4%,
      linear-gradient(#7bccc4 0 0) 50% 50% / 33.4% 33.4%,
      linear-gradient(#7bccc4 0 0) 100% 100% / 33.4% 33.4%,
      #0868ac;
    background-repeat: no-repeat;
  }
  select,
  .language,
  .model button {
    min-height: 2.25rem;
    padding: 0.25rem 0.75rem;
    border: 1px solid var(--line);
    border-radius: var(--radius);
    background: var(--surface);
    color: var(--ink);
    font-size: 0.875rem;
    cursor: pointer;
  }
  select {
    padding-inline: 0.5rem;
  }
  select:hover,
  .language:hover,
  .model button:hover {
    border-color: var(--soft);
  }
  .hero {
    padding-block: clamp(0.5rem, 2vw, 1.25rem) 0.5rem;
  }
  h1 {
    margin: 0;
    font-family: var(--serif);
    font-size: clamp(1.9rem, 1.4rem + 2.4vw, 2.9rem);
    font-weight: 600;
    line-height: 1.15;
    letter-spacing: -0.015em;
    text-wrap: balance;
  }
  :host(:lang(zh)) h1 {
    letter-spacing: 0.02em;
  }
  .lead {
    max-width: 46rem;
    margin-top: 0.6rem;
    font-size: 1.0625rem;
    line-height: 1.6;
    text-wrap: pretty;
  }
  .privacy {
    color: var(--soft);
  }
  .strip {
    display: flex;
    flex-wrap: wrap;
    align-items: end;
    gap: 0 2rem;
    margin-block: 0.75rem 1.25rem;
    border-bottom: 1px solid var(--line);
  }
  .model {
    flex: 1 1 20rem;
    justify-content: flex-end;
    padding-block: 0.35rem;
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 0.5rem 1rem;
    min-height: 2.25rem;
    color: var(--soft);
    font-size: 0.875rem;
    font-variant-numeric: tabular-nums;
  }
  .model p::before {
    content: '';
    display: inline-block;
    width: 0.55em;
    height: 0.55em;
    margin-right: 0.6em;
    border-radius: 50%;
    box-shadow: inset 0 0 0 2px var(--accent);
  }
  .model[data-phase='ready'] p::before {
    background: var(--accent);
  }
  @media (max-width: 48rem) {
    .model {
      flex-basis: 100%;
      justify-content: flex-start;
      order: -1;
    }
  }
  progress {
    appearance: none;
    flex: 1 1 8rem;
    max-width: 16rem;
    height: 6px;
    border: 0;
    border-radius: 3px;
    overflow: hidden;
    background: var(--line);
  }
  progress::-webkit-progress-bar {
    background: var(--line);
  }
  progress::-webkit-progress-value {
    background: var(--accent);
  }
  progress::-moz-progress-bar {
    background: var(--accent);
  }
  .tabs {
    display: flex;
    gap: 1.5rem;
  }
  .tabs button {
    padding: 0.625rem 0;
    border: 0;
    border-bottom: 2px solid transparent;
    margin-bottom: -1px;
    background: none;
    color: var(--soft);
    font-weight: 600;
    cursor: pointer;
  }
  .tabs button:hover {
    color: var(--ink);
  }
  .tabs button[aria-selected='true'] {
    color: var(--ink);
    border-color: var(--accent);
  }
  .direction {
    margin-bottom: 0.75rem;
  }
  [role='tabpanel'] > .lead {
    margin: 0 0 1.25rem;
  }
  footer {
    margin-top: 4rem;
    padding-block: 2rem 3rem;
    border-top: 1px solid var(--line);
    color: var(--soft);
    font-size: 0.9375rem;
  }
  footer p {
    max-width: 44rem;
    margin-top: 0.5rem;
  }
  h2 {
    font-size: 1rem;
    color: var(--ink);
  }
`;
