// SPDX-License-Identifier: MIT
import { css } from 'lit';

export const headsStyles = css`
  .grid {
    display: grid;
    grid-template-columns: 1rem repeat(var(--columns), minmax(0, 4.5rem));
    gap: 6px;
    align-items: center;
  }
  .name {
    color: var(--soft);
    font-size: 0.75rem;
    line-height: 1;
    text-align: center;
    font-variant-numeric: tabular-nums;
  }
  button {
    display: block;
    width: 100%;
    aspect-ratio: var(--shape);
    padding: 0;
    border: 0;
    border-radius: 5px;
    background: none;
    cursor: pointer;
    box-shadow: 0 0 0 1px var(--line);
    overflow: hidden;
  }
  button.off canvas {
    opacity: 0.25;
  }
  button.off {
    background: repeating-linear-gradient(45deg, var(--soft) 0 1px, var(--sunken) 1px 7px);
  }
  button:hover {
    box-shadow: 0 0 0 2px var(--soft);
  }
  button[aria-checked='true'] {
    box-shadow:
      0 0 0 2px var(--surface),
      0 0 0 4px var(--accent);
  }
  canvas {
    display: block;
    width: 100%;
    height: 100%;
    image-rendering: pixelated;
  }
`;
