// SPDX-License-Identifier: MIT
import '../arcs/define.js';
import '../heads/define.js';
import '../heatmap/define.js';
import { RegardPictureElement } from './regard-picture.js';

if (!customElements.get('regard-picture'))
  customElements.define('regard-picture', RegardPictureElement);

declare global {
  interface HTMLElementTagNameMap {
    'regard-picture': RegardPictureElement;
  }
}
