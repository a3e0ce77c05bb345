// SPDX-License-Identifier: MIT
import { css } from 'lit';

export const pictureStyles = css`
  :host {
    container-type: inline-size;
  }
  .tools {
    display: flex;
    flex-wrap: wrap;
    gap: 0.5rem 0.75rem;
    margin-bottom: 0.75rem;
  }
  .segmented {
    display: inline-flex;
    flex-wrap: wrap;
    padding: 3px;
    gap: 2px;
    border-radius: var(--radius);
    background: var(--sunken);
    box-shadow: inset 0 0 0 1px var(--line);
  }
  .segmented button {
    border: 0;
    padding: 0.3rem 0.75rem;
    min-height: 2rem;
    border-radius: calc(var(--radius) - 3px);
    background: none;
    color: var(--soft);
    font-size: 0.875rem;
    cursor: pointer;
  }
  .segmented button:hover {
    color: var(--ink);
  }
  .segmented button[aria-pressed='true'] {
    background: var(--surface);
    color: var(--ink);
    font-weight: 600;
    box-shadow:
      0 1px 2px rgb(0 0 0 / 12%),
      0 0 0 1px var(--line);
  }
  .switches {
    display: flex;
    flex-wrap: wrap;
    gap: 0.5rem;
    margin-bottom: 0.75rem;
  }
  .switches button {
    padding: 0.3rem 0.75rem;
    min-height: 2rem;
    border: 1px solid var(--line);
    border-radius: 7px;
    background: var(--surface);
    font-size: 0.875rem;
    cursor: pointer;
  }
  .switches button:disabled {
    color: var(--soft);
    cursor: default;
  }
  .panes {
    display: grid;
    gap: 1.75rem;
    margin-top: 1.5rem;
  }
  h2 {
    font-size: 0.9375rem;
    font-weight: 650;
    margin-bottom: 0.125rem;
  }
  h2::first-letter {
    text-transform: uppercase;
  }
  .chosen h2 {
    margin-bottom: 0.75rem;
  }
  section {
    min-width: 0;
  }
  regard-heads {
    margin-top: 0.75rem;
  }
  @container (min-width: 54rem) {
    .panes {
      grid-template-columns: minmax(0, 24rem) minmax(0, 1fr);
      gap: 2.5rem;
    }
  }
`;
