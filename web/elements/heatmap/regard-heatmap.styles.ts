// SPDX-License-Identifier: MIT
import { css } from 'lit';

export const heatmapStyles = css`
  .sides {
    display: grid;
    gap: 1rem 40px;
    align-items: start;
  }
  .beside {
    grid-template-columns: minmax(0, max-content) 224px;
  }
  .beside .bars {
    margin-top: 1.25rem;
  }
  .left {
    min-width: 0;
  }
  .bars h3 {
    margin: 0 0 0.5rem;
    font-size: 0.875rem;
    font-weight: 400;
    color: var(--soft);
  }
  .bars ol {
    margin: 0;
    padding: 0;
    list-style: none;
  }
  .bars li {
    display: grid;
    grid-template-columns: minmax(0, 1fr) auto;
    gap: 0 0.75rem;
    padding: 0.125rem 0;
    font-size: 0.9375rem;
    font-variant-numeric: tabular-nums;
  }
  .bars i {
    grid-column: 1 / -1;
    height: 4px;
    border-radius: 2px;
    background: linear-gradient(var(--accent) 0 0) 0 0 / var(--part) 100% no-repeat var(--line);
  }
  .scroll {
    overflow-x: auto;
    padding: 3px;
    margin: -3px;
  }
  .plot {
    position: relative;
    touch-action: pan-x pan-y;
  }
  canvas,
  .cell {
    position: absolute;
  }
  canvas {
    image-rendering: pixelated;
    border-radius: 4px;
    box-shadow: 0 0 0 1px var(--line);
  }
  svg {
    position: absolute;
    inset: 0;
    pointer-events: none;
    font-size: 14px;
    font-family: system-ui, sans-serif;
  }
  text {
    fill: var(--soft);
  }
  text.here {
    fill: var(--ink);
    font-weight: 650;
  }
  .lines {
    stroke: var(--surface);
    stroke-width: 1;
    fill: none;
  }
  .cell {
    border-radius: 3px;
    box-shadow:
      0 0 0 2px var(--surface),
      0 0 0 3.5px var(--ink);
    pointer-events: none;
  }
  .cell:focus-visible {
    outline: 3px solid var(--accent);
    outline-offset: 3px;
  }
  .readout {
    margin-top: 0.75rem;
    min-height: 1.5em;
    font-weight: 600;
    font-variant-numeric: tabular-nums;
  }
  figcaption {
    margin-top: 0.25rem;
  }
  .ramp {
    white-space: nowrap;
    margin-right: 0.5rem;
  }
  .ramp i {
    display: inline-block;
    width: 5rem;
    height: 0.7em;
    border-radius: 3px;
    box-shadow: 0 0 0 1px var(--line);
  }
  details {
    margin-top: 0.5rem;
    font-size: 0.875rem;
  }
  summary {
    cursor: pointer;
    color: var(--soft);
    padding: 0.25rem 0;
  }
  .table {
    overflow: auto;
    max-height: 26rem;
    margin-top: 0.5rem;
    border: 1px solid var(--line);
    border-radius: var(--radius);
  }
  table {
    border-collapse: collapse;
    font-variant-numeric: tabular-nums;
  }
  caption {
    text-align: start;
    padding: 0.5rem 0.75rem;
    color: var(--soft);
  }
  th,
  td {
    padding: 0.25rem 0.75rem;
    text-align: end;
    white-space: nowrap;
    font-weight: 400;
    border-top: 1px solid var(--line);
  }
  th {
    color: var(--soft);
  }
`;
