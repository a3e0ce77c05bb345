// SPDX-License-Identifier: MIT
import { RegardHeadsElement } from './regard-heads.js';

if (!customElements.get('regard-heads')) customElements.define('regard-heads', RegardHeadsElement);

declare global {
  interface HTMLElementTagNameMap {
    'regard-heads': RegardHeadsElement;
  }
}
