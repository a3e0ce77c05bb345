// SPDX-License-Identifier: MIT
import { css } from 'lit';

export const arcsStyles = css`
  .scroll {
    overflow-x: auto;
  }
  .plot {
    position: relative;
  }
  svg {
    position: absolute;
    inset: 0;
    pointer-events: none;
  }
  path,
  .self {
    fill: none;
    stroke: var(--accent);
    stroke-linecap: round;
  }
  button {
    position: absolute;
    height: 38px;
    padding: 0;
    border: 0;
    border-radius: 8px;
    background: none;
    font:
      17px / 38px system-ui,
      sans-serif;
    text-align: center;
    white-space: nowrap;
    cursor: default;
  }
  button.here {
    background: var(--accent);
    color: var(--on-accent);
  }
  button.here .mark {
    color: inherit;
  }
  button:focus-visible {
    outline-offset: -2px;
  }
  .readout {
    min-height: 1.5em;
    font-weight: 600;
    font-variant-numeric: tabular-nums;
  }
`;
