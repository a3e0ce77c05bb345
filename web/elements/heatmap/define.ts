// SPDX-License-Identifier: MIT
import { RegardHeatmapElement } from './regard-heatmap.js';

if (!customElements.get('regard-heatmap'))
  customElements.define('regard-heatmap', RegardHeatmapElement);

declare global {
  interface HTMLElementTagNameMap {
    'regard-heatmap': RegardHeatmapElement;
  }
}
