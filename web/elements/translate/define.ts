// SPDX-License-Identifier: MIT
import '../picture/define.js';
import { RegardTranslateElement } from './regard-translate.js';

if (!customElements.get('regard-translate')) {
  customElements.define('regard-translate', RegardTranslateElement);
}

declare global {
  interface HTMLElementTagNameMap {
    'regard-translate': RegardTranslateElement;
  }
}
