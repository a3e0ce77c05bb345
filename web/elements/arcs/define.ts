// SPDX-License-Identifier: MIT
import { RegardArcsElement } from './regard-arcs.js';

if (!customElements.get('regard-arcs')) customElements.define('regard-arcs', RegardArcsElement);

declare global {
  interface HTMLElementTagNameMap {
    'regard-arcs': RegardArcsElement;
  }
}
