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
