// SPDX-License-Identifier: MIT
import { css } from 'lit';

export const translateStyles = css`
  .sentences {
    display: grid;
    border: 1px solid var(--line);
    border-radius: calc(var(--radius) * 1.4);
    background: var(--surface);
    overflow: hidden;
  }
  .source,
  .target {
    display: flex;
    flex-direction: column;
    min-width: 0;
    padding: 1rem 1.25rem;
  }
  .source:focus-within {
    box-shadow: inset 0 0 0 2px var(--accent);
    border-radius: calc(var(--radius) * 1.4);
  }
  .target {
    background: var(--sunken);
    border-top: 1px solid var(--line);
  }
  @media (min-width: 46rem) {
    .sentences {
      grid-template-columns: 1fr 1fr;
    }
    .target {
      border-top: 0;
      border-left: 1px solid var(--line);
    }
  }
  .examples,
  .settings {
    margin-top: auto;
    padding-top: 0.5rem;
  }
  .answer {
    min-height: 4rem;
    margin-top: 0.25rem;
    padding: 0.5rem 0;
  }
  .text {
    font-size: var(--sentence-size, 1.5rem);
    line-height: 1.5;
    overflow-wrap: anywhere;
  }
  .busy {
    opacity: 0.6;
    transition: opacity 0.2s 0.3s;
  }
  .message {
    color: var(--soft);
    max-width: 36em;
  }
  .recorded {
    margin-top: 0.25rem;
  }
  .recorded::before {
    content: '';
    display: inline-block;
    width: 0.5em;
    height: 0.5em;
    margin-right: 0.5em;
    border-radius: 50%;
    box-shadow: inset 0 0 0 2px var(--accent);
  }
  .settings {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 0.375rem 1rem;
    min-height: 2.375rem;
  }
  select {
    margin-left: 0.375rem;
    padding: 0.2rem 0.4rem;
    min-height: 1.875rem;
    border: 1px solid var(--line);
    border-radius: 7px;
    background: var(--surface);
    color: var(--ink);
  }
  .took {
    font-variant-numeric: tabular-nums;
  }
  .candidates {
    flex-basis: 100%;
  }
  .candidates summary {
    cursor: pointer;
  }
  ol {
    margin: 0.25rem 0 0;
    padding-left: 1.5rem;
    color: var(--ink);
    font-size: 1rem;
  }
  small {
    color: var(--soft);
    font-variant-numeric: tabular-nums;
  }
  regard-picture {
    margin-top: 2rem;
  }
`;
