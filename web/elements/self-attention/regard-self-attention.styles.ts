// SPDX-License-Identifier: MIT
import { css } from 'lit';

export const selfAttentionStyles = css`
  .source {
    padding: 1rem 1.25rem;
    border: 1px solid var(--line);
    border-radius: calc(var(--radius) * 1.4);
    background: var(--surface);
  }
  .source:focus-within {
    box-shadow: inset 0 0 0 2px var(--accent);
  }
  .remarks {
    margin-top: 0.5rem;
  }
  textarea {
    min-height: 3.5rem;
  }
  regard-picture {
    margin-top: 2rem;
  }
`;
